/** What a load client is to do; the same file is read by both of them. */
export interface LoadPlan {
  /** gRPC target, e.g. `dns:///router-headless.tributary.svc.cluster.local:8001`. */
  readonly target: string;
  /** Calls a second; none: as fast as `maxInFlight` callers get answers. */
  readonly rate?: number;
  readonly maxInFlight: number;
  /** Deadline of each call. */
  readonly timeoutMs: number;
  /** Made in turn; requests are encoded messages in base64. */
  readonly calls: readonly { readonly path: string; readonly request: string }[];
  /** gRPC's service config as JSON, for clients that are not ours. */
  readonly serviceConfig: string;
}

/** What a load client has seen so far: a line of JSON, twice a second and at its end. */
export interface LoadReport {
  sent: number;
  ok: number;
  failed: number;
  /** Calls that were due while `maxInFlight` were under way. */
  skipped: number;
  /** The first of them, with their time (ms since 1970), gRPC code and details. */
  failures: { at: number; path: string; code: number; details: string }[];
  /** p50, p99 and longest of the calls that went well; at the end only. */
  latenciesMs: [number, number, number];
}

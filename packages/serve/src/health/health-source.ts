/** State of a name of the health service. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING';

/** Where the health service gets its answers. */
export interface HealthSource {
  /** True where the process should get calls (models loaded and warm, upstreams there). */
  ready(): boolean;
  /**
   * Status of a gRPC service or `model/<name>`; undefined: unknown name (NOT_FOUND in Check, SERVICE_UNKNOWN in Watch). Services
   * that `ServeOptions.services` lists follow `ready()` where this is undefined.
   */
  status(name: string): HealthStatus | undefined;
  /** Calls back on every change of any status. */
  onChange(listener: () => void): () => void;
}

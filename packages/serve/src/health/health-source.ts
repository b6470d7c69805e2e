/** State of a name of the health service. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING';

/** Where the health service gets its answers. */
export interface HealthSource {
  /** True where all that should serve does (models loaded and warm, upstreams there): what probes and rollouts go by. */
  ready(): boolean;
  /** True where calls are welcome because some of it serves: what callers and routers go by. Where it is left out: as `ready`. */
  isServing?(): boolean;
  /**
   * Status of a gRPC service or `model/<name>`; undefined: unknown name (NOT_FOUND in Check, SERVICE_UNKNOWN in Watch). Services
   * that `ServeOptions.services` lists follow `isServing()` where this is undefined.
   */
  status(name: string): HealthStatus | undefined;
  /** Calls back on every change of any status. */
  onChange(listener: () => void): () => void;
}

/** The part of a process's settings that serve() obeys; every process's schema includes it (serveSettingsShape). */
export interface ServeSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly grpcPort: number;
  /** 0: any free port. */
  readonly metricsPort: number;
  /** PEM files of a certificate (chain) and its key: gRPC is served over TLS; both or neither. The metrics are not. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly maxMessageBytes: number;
  /** Calls without deadline, or with a later one, get this one. */
  readonly maxDeadlineMs: number;
  /** Calls being worked on; more are refused with RESOURCE_EXHAUSTED. */
  readonly maxCallsInFlight: number;
  /** Bytes of requests arriving or being worked on; more are refused with RESOURCE_EXHAUSTED. */
  readonly maxBytesInFlight: number;
  /** From "stop" to the last answer; then calls are cut off. */
  readonly drainTimeoutMs: number;
  /** From NOT_SERVING to GOAWAY: the time balancers need to notice. */
  readonly drainDelayMs: number;
  /** Whether unary calls are answered straight from their HTTP/2 streams; off: grpc-js answers every call. Default on. */
  readonly hotDoor?: 'on' | 'off';
  /** Connections without a call are closed after it. Default 5 minutes. */
  readonly maxConnectionIdleMs?: number;
  /** Connections are closed after it, in peace: callers connect anew, perhaps to another replica. Default 10 minutes. */
  readonly maxConnectionAgeMs?: number;
}

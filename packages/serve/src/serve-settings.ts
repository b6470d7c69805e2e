import type { AccessSettings } from './access/access';

/** The part of a process's settings that serve() obeys; every process's schema includes it (serveSettingsShape). */
export interface ServeSettings extends AccessSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly grpcPort: number;
  /** 0: any free port. */
  readonly metricsPort: number;
  /** Port that answers health alone, without TLS or tokens; 0: any free port; undefined: none. */
  readonly probePort?: number | undefined;
  /** PEM files of a certificate (chain) and its key: gRPC is served over TLS; both or neither. They are read again when they change. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** PEM file of what the certificates of callers must come from; undefined: callers need none. */
  readonly tlsClientCa?: string | undefined;
  /** Whether the process starts only where all of this, and callers, are set. Default false. */
  readonly secure?: boolean;
  /** Whether the metrics port speaks TLS as the gRPC port does. Default false. */
  readonly metricsTls?: boolean;
  /** PEM file of what the certificates of readers of the metrics must come from; undefined: tlsClientCa. */
  readonly metricsClientCa?: string | undefined;
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
  /** Connections of a port at the same time; more are closed at once. Default 16,384. */
  readonly maxConnections?: number;
  /** Those of one IP address; more are closed at once. Default 0: no bound. */
  readonly maxConnectionsPerPeer?: number;
  /** Connections without a call are closed after it. Default 5 minutes. */
  readonly maxConnectionIdleMs?: number;
  /** Connections are closed after it, in peace: callers connect anew, perhaps to another replica. Default 10 minutes. */
  readonly maxConnectionAgeMs?: number;
}

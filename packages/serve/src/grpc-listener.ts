import { Server, type ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import type { ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import type { CallServer } from './call/call-server';
import { ConnectionGuard } from './connection-guard';
import { http2ServersOf, standBefore, streamCounterOf } from './http2-door';
import type { ConnectionCounts } from './metrics/connection-counts';
import { bindFailure, type ListenerUse } from './process/start-error';
import type { ServeSettings } from './serve-settings';

/** What a listener obeys of the settings. */
type ListenerSettings = Pick<
  ServeSettings,
  | 'host'
  | 'maxMessageBytes'
  | 'maxDeadlineMs'
  | 'maxConnectionIdleMs'
  | 'maxConnectionAgeMs'
  | 'maxConnections'
  | 'maxConnectionsPerPeer'
  | 'hotDoor'
>;

/** Connections at the same time where the settings name no bound. */
const defaultMaxConnections = 16_384;

/** A port for calls: the server of grpc-js, with ours before it. */
export class GrpcListener {
  private readonly server: Server;
  /** As CallServerOptions has it. */
  readonly countStream: ((stream: ServerHttp2Stream) => void) | undefined;
  private calls: CallServer | undefined;

  constructor(
    private readonly settings: ListenerSettings,
    private readonly log: Logger,
    private readonly connectionCounts: ConnectionCounts,
  ) {
    this.server = new Server({
      ...serverOptions(settings),
      interceptors: [(method, base) => this.calls!.interceptor(method, base)],
    });
    this.countStream = settings.hotDoor === 'off' ? undefined : hotDoorOf(this.server, log);
  }

  /**
   * Answers calls from now on.
   * @returns the port
   * @throws StartError where it cannot be had
   */
  async listen(calls: CallServer, credentials: ServerCredentials, use: ListenerUse, port: number): Promise<number> {
    const { host, maxConnections = defaultMaxConnections, maxConnectionsPerPeer = 0 } = this.settings;
    this.calls = calls;
    calls.register(this.server);
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const bound = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(address, credentials, (error, given) => {
        if (error === null) resolve(given);
        else reject(bindFailure(error, use, host, port));
      });
    });
    standBefore(this.server, calls.onStream);
    const { connectionCounts: counts, log } = this;
    const guard = new ConnectionGuard({ maxConnections, maxConnectionsPerPeer, counts, log });
    for (const server of http2ServersOf(this.server)) guard.watch(server);
    return bound;
  }

  /** GOAWAY to all connections, and no new ones; resolves once the last call has ended. */
  shutdown(): Promise<void> {
    return new Promise((resolve) => this.server.tryShutdown(() => resolve()));
  }

  forceShutdown(): void {
    this.server.forceShutdown();
  }
}

/** Undefined where the insides of grpc-js are not those that are known. */
function hotDoorOf(server: Server, log: Logger): ReturnType<typeof streamCounterOf> {
  const count = streamCounterOf(server);
  if (count === undefined) log.warn('this version of grpc-js counts streams otherwise; it answers every call itself');
  return count;
}

/** Limits of connections; those of calls are in CallServer. */
function serverOptions(settings: ListenerSettings): ServerOptions {
  return {
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    // The size of an answer is the model's; the caller refuses what it will not take.
    'grpc.max_send_message_length': -1,
    // More calls wait in the client, where they cost us nothing: open streams outlive V8's young generation, and with 2,048 of them
    // every call cost half as much again. No model here needs more company than this.
    'grpc.max_concurrent_streams': 256,
    'grpc.max_connection_idle_ms': settings.maxConnectionIdleMs ?? 300_000,
    // Moves callers to new replicas, and frees what nothing else frees.
    'grpc.max_connection_age_ms': settings.maxConnectionAgeMs ?? 600_000,
    'grpc.max_connection_age_grace_ms': Math.max(30_000, settings.maxDeadlineMs),
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
  };
}

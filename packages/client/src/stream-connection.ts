import type { ClientHttp2Session } from 'node:http2';
import { Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopOpening } from './hop';
import { Connection, type ConnectionOptions } from './relay/connection';

/**
 * The connection for streams of messages beside a channel of grpc-js, made with the first of them. The channel itself cannot carry
 * them: it takes messages for calls that it may have to send again as fast as they come, whatever the upstream takes, and drops
 * answers that nobody has asked for yet where the status is not OK.
 */
export class StreamConnection {
  readonly #connection: Connection;
  #closed = false;

  constructor(address: string, options: Omit<ConnectionOptions, 'accept' | 'onLeft'>) {
    this.#connection = new Connection(address, {
      ...options,
      accept: () => Promise.resolve(true),
      onLeft: () => undefined,
    });
  }

  /** What the stream of a call can be opened on, or how the call ended where that did not come. */
  async findSession({ timeoutMs, signal, waitForReady = false }: HopOpening): Promise<ClientHttp2Session | HopAnswer> {
    const deadlineMs = performance.now() + timeoutMs;
    if (!this.#closed) this.#connection.start();
    for (;;) {
      const { session, failed } = this.#connection;
      if (session !== undefined) return session;
      if (this.#closed) return failure(Status.UNAVAILABLE, 'the hop is closed');
      if (failed && !waitForReady) return failure(Status.UNAVAILABLE, 'the connection could not be made');
      // Whoever asks looks after both; here they only end the waiting.
      if (signal?.aborted === true) return failure(Status.CANCELLED, 'cancelled');
      if (performance.now() >= deadlineMs) return failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded');
      await this.#connection.changed();
    }
  }

  close(): void {
    this.#closed = true;
    this.#connection.stop();
  }
}

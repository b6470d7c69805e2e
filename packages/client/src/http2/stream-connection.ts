import type { ClientHttp2Session } from 'node:http2';
import { Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopOpening } from '../hop';
import { Connection, type ConnectionOptions } from './connection';

/**
 * The connection for streams of messages beside a channel of grpc-js, made with the first of them. The channel itself cannot carry
 * them: it takes messages for calls that it may have to send again as fast as they come, whatever the upstream takes, and drops
 * answers that nobody has asked for yet where the status is not OK.
 */
export class StreamConnection {
  private readonly connection: Connection;
  private closed = false;

  constructor(address: string, options: Omit<ConnectionOptions, 'accept' | 'onLeft'>) {
    this.connection = new Connection(address, {
      ...options,
      accept: () => Promise.resolve(true),
      onLeft: () => undefined,
    });
  }

  /** What the stream of a call can be opened on, or how the call ended where that did not come. Never rejects. */
  async findSession(call: HopOpening): Promise<ClientHttp2Session | HopAnswer> {
    const found = this.closed ? undefined : await this.connection.findSession(call);
    return found ?? failure(Status.UNAVAILABLE, 'the hop is closed');
  }

  close(): void {
    this.closed = true;
    this.connection.stop();
  }
}

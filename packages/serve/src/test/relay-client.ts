import {
  decodeStatusDetails,
  maxRelayId,
  readRelayResponse,
  RelayMessages,
  RelayRequestWriter,
  statusDetailsKey,
  type RelayedAnswer,
  type RelayedCall,
  type RelayedMetadata,
} from '@tributary/contract';
import { randomInt } from 'node:crypto';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { parseGrpcTimeout } from '../call/grpc-timeout';
import { answerOf, RawClient, type RawAnswer } from './raw-client';

/** An answer that is complete. */
export interface WholeAnswer extends RelayedAnswer {
  readonly message: Buffer;
  /** In how many parts it came. */
  readonly parts: number;
}

interface Awaited {
  readonly resolve: (answer: WholeAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly parts: Uint8Array[];
}

const relayPath = '/tributary.relay.v1.RelayService/Relay';

/** The caller's end of a relay, as plain as can be: every call is written as it is made, every answer must have an owner. */
export class RelayClient {
  readonly stream: ClientHttp2Stream;
  /** How the relay as a whole ended. */
  readonly ended: Promise<RawAnswer>;
  /** Messages that have come. */
  messages = 0;
  draining = 0;
  onDraining: () => void = () => undefined;
  /** Told of answers to calls that have been cancelled. */
  onCancelled: (answer: RelayedAnswer) => void = () => undefined;
  private readonly awaited = new Map<number, Awaited>();
  private readonly cancelled = new Set<number>();

  constructor(client: RawClient) {
    this.stream = client.open(relayPath);
    this.ended = answerOf(this.stream);
    const messages = new RelayMessages();
    this.stream.on('data', (chunk: Buffer) =>
      messages.take(chunk, (message) => {
        this.messages += 1;
        readRelayResponse(message, {
          onAnswer: (answer) => this.onAnswer(answer),
          onDraining: () => {
            this.draining += 1;
            this.onDraining();
          },
        });
      }),
    );
    this.stream.on('end', () => this.stream.end());
    this.stream.on('close', () => {
      for (const { reject } of this.awaited.values()) reject(new Error('the relay ended before its answer'));
      this.awaited.clear();
    });
  }

  /** Resolves when the server has said that the relay is there. */
  async opened(): Promise<void> {
    await new Promise((resolve) => this.stream.once('response', resolve));
  }

  call(path: string, message: Uint8Array, more: Partial<RelayedCall> = {}): Promise<WholeAnswer> {
    const [answer] = this.callTogether([{ path, message: [message], ...more }]);
    return answer!;
  }

  /** Several calls in one message. */
  callTogether(calls: readonly Partial<RelayedCall>[]): Promise<WholeAnswer>[] {
    const writer = new RelayRequestWriter();
    const answers = calls.map((call) => {
      const whole = callOf(call);
      writer.call(whole);
      const answer = new Promise<WholeAnswer>((resolve, reject) => {
        this.awaited.set(whole.id, { resolve, reject, parts: [] });
      });
      // Whoever does not look at an answer does not mind that it never comes.
      answer.catch(() => undefined);
      return answer;
    });
    this.stream.write(writer.take());
    return answers;
  }

  cancel(id: number): void {
    if (this.awaited.delete(id)) this.cancelled.add(id);
    const writer = new RelayRequestWriter();
    writer.cancel(id);
    this.stream.write(writer.take());
  }

  private onAnswer(answer: RelayedAnswer): void {
    const awaited = this.awaited.get(answer.id);
    if (awaited === undefined && this.cancelled.has(answer.id)) {
      this.onCancelled(answer);
      return;
    }
    if (awaited === undefined) throw new Error(`an answer to ${answer.id}, which nobody awaits`);
    awaited.parts.push(Buffer.from(answer.message));
    if (answer.more) return;
    this.awaited.delete(answer.id);
    awaited.resolve({ ...answer, message: Buffer.concat(awaited.parts), parts: awaited.parts.length });
  }
}

export function callOf(call: Partial<RelayedCall>): RelayedCall {
  return { id: randomInt(1, maxRelayId), path: '', timeoutMs: Infinity, metadata: new Map(), message: [], ...call };
}

/** Metadata as they stand in the headers of HTTP/2. */
export function relayedMetadata(headers: Readonly<Record<string, string>>): RelayedMetadata {
  return new Map(
    Object.entries(headers).map(([key, value]) => [key, [key.endsWith('-bin') ? Buffer.from(value, 'base64') : value]]),
  );
}

/** Makes proper calls over a relay, and shows their answers as a stream of HTTP/2 would. */
export class RelayedClient extends RawClient {
  private relay: RelayClient | undefined;

  override async call(path: string, message: Uint8Array, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const { 'grpc-timeout': timeout, ...others } = headers;
    const timeoutMs = timeout === undefined ? Infinity : parseGrpcTimeout(timeout)!;
    this.relay ??= new RelayClient(this);
    const metadata = relayedMetadata(others);
    const answer = await this.relay.call(path, message, { timeoutMs, metadata });
    const details = answer.trailers.get(statusDetailsKey)?.[0];
    return {
      code: answer.code,
      message: answer.code === 0 ? 'OK' : answer.details,
      details: Buffer.isBuffer(details) ? decodeStatusDetails(details) : undefined,
      headers: { ...statusHeader, 'x-request-id': headers['x-request-id'], ...headersOf(answer.headers) },
      trailers: headersOf(answer.trailers),
      messages: answer.code === 0 ? [answer.message] : [],
      resetCode: 0,
    };
  }

  /** Goes when the server asks, as callers do. */
  override async close(): Promise<void> {
    this.relay?.stream.end();
    await super.close();
  }
}

/** As Node has it: a number, against its type. */
const statusHeader = { ':status': 200 } as unknown as IncomingHttpHeaders;

function headersOf(metadata: RelayedMetadata): IncomingHttpHeaders {
  return Object.fromEntries(
    [...metadata].map(([key, values]) => [
      key,
      values.map((value) => (typeof value === 'string' ? value : value.toString('base64'))).join(', '),
    ]),
  );
}

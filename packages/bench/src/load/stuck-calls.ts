import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { faultOf } from './answer-check';
import { frameMessage, unframeMessage } from './frame';
import type { LoadRequest } from './load-plan';

/** Calls that a caller sends at once, and whose answers it does not read until it is told to. */
export interface StuckPlan {
  readonly port: number;
  readonly path: string;
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly callsPerConnection: number;
}

/**
 * A caller who reads nothing: what comes back lies in flow-control windows of 64 KiB, the default of HTTP/2, and the rest has
 * to wait where it is. Made with node:http2, since the generator's own connection takes everything at once.
 */
export class StuckCalls {
  private readonly sessions: readonly ClientHttp2Session[];
  private readonly calls: readonly StuckCall[];

  constructor({ port, path, requests, connections, callsPerConnection }: StuckPlan) {
    this.sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
    this.calls = this.sessions.flatMap((session, connection) => {
      // The streams end with the error as well, and tell of it.
      session.on('error', () => undefined);
      return Array.from({ length: callsPerConnection }, (_, call) => {
        const request = requests[(connection * callsPerConnection + call) % requests.length]!;
        return new StuckCall(session, path, request);
      });
    });
  }

  /** Calls that have not ended: refused ones have. */
  inFlight(): number {
    return this.calls.filter(({ hasEnded }) => !hasEnded).length;
  }

  /** Reads what is there and what comes, and says what is wrong with the answers of the calls that were in flight. */
  async release(): Promise<string[]> {
    const stuck = this.calls.filter(({ hasEnded }) => !hasEnded);
    const faults = await Promise.all(stuck.map((call) => call.read()));
    return faults.flatMap((fault) => fault ?? []);
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
  }
}

class StuckCall {
  private readonly stream: ClientHttp2Stream;
  private readonly request: LoadRequest;
  private status: string | undefined;
  hasEnded = false;

  constructor(session: ClientHttp2Session, path: string, request: LoadRequest) {
    this.request = request;
    this.stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers['grpc-status'];
      if (typeof status !== 'string') return;
      this.status = status;
      this.hasEnded = true;
    };
    this.stream.on('response', take);
    this.stream.on('trailers', take);
    this.stream.once('close', () => (this.hasEnded = true));
    this.stream.on('error', () => undefined);
    this.stream.end(frameMessage(request.message));
  }

  /** What is wrong with its answer; undefined: nothing. */
  read(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      this.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.stream.once('close', () => {
        const answer = unframeMessage(Buffer.concat(chunks));
        if (this.status !== '0' || answer === undefined)
          resolve(`a call that was stuck ended with status ${this.status ?? 'none'}`);
        else resolve(faultOf(answer, this.request.check));
      });
    });
  }
}

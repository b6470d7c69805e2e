import type { TributaryError } from '@tributary/contract';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { CallContext, CallMetadata } from '../method';
import { CallSignal } from './call-signal';
import type { Span } from '../tracing/span';
import { metadataOf, offered, OutgoingMetadata, type ReceivedMetadata } from './metadata';

/** What the handler of a call sees of it. All of it is made when somebody asks: most calls need none. */
export abstract class HandlerContext implements CallContext {
  protected readonly startedMs = performance.now();
  protected headers: OutgoingMetadata | undefined;
  protected trailers: OutgoingMetadata | undefined;
  protected abortReason: TributaryError | undefined;
  private ownMetadata: CallMetadata | undefined;
  private ownLog: Logger | undefined;
  private controller: AbortController | undefined;
  private ownEnding: CallSignal | undefined;

  protected constructor(
    readonly path: string,
    readonly requestId: string,
    private readonly timeoutMs: number,
    protected readonly received: ReceivedMetadata,
    readonly caller: string | undefined,
  ) {}

  abstract readonly span: Span | undefined;

  protected abstract makeLog(): Logger;

  get signal(): AbortSignal {
    // An AbortController costs as much as the rest of a short call.
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.abortReason !== undefined) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  get ending(): AbortSignal {
    if (this.ownEnding === undefined) {
      this.ownEnding = new CallSignal();
      if (this.abortReason !== undefined) this.ownEnding.abort(this.abortReason);
    }
    return this.ownEnding;
  }

  remainingMs(): number {
    // Monotonic: the wall clock may jump.
    return Math.max(0, this.timeoutMs - (performance.now() - this.startedMs));
  }

  get metadata(): CallMetadata {
    return (this.ownMetadata ??= metadataOf(this.received));
  }

  metadataValues(key: string): readonly (string | Buffer)[] | undefined {
    return offered(this.received, key) === undefined ? undefined : this.metadata.get(key);
  }

  get log(): Logger {
    return (this.ownLog ??= this.makeLog());
  }

  setTrailer(key: string, value: string | Buffer): void {
    (this.trailers ??= new OutgoingMetadata()).add(key, value);
  }

  setHeader(key: string, value: string | Buffer): void {
    (this.headers ??= new OutgoingMetadata()).add(key, value);
  }

  /** Aborts the signal, once. */
  protected abort(reason: TributaryError): boolean {
    if (this.abortReason !== undefined) return false;
    this.abortReason = reason;
    this.controller?.abort(reason);
    this.ownEnding?.abort(reason);
    return true;
  }
}

import { status as Status } from '@grpc/grpc-js';
import { refusal, type RelayedAnswer, type RelayedCall } from '@tributary/contract';
import type { CallStatus } from '../call/call-status';
import { requestIdKey, type CallListener, type CallWire } from '../call/call-wire';
import { offered, OutgoingMetadata } from '../call/metadata';
import type { RelayCaller } from './relay-caller';

/** Where a relayed call comes from and leaves its answer. */
export interface AnswerSink {
  /** Undefined where callers need not say who they are. */
  readonly caller: RelayCaller | undefined;
  /** Takes an answer; `wire.release()` follows once it is out of our hands. */
  answer(wire: RelayWire, answer: RelayedAnswer): void;
  /** Takes back what is left of an answer, and sends a status in place of its end. Does nothing where nothing is left. */
  replaceRest(wire: RelayWire, code: Status, details: string): void;
}

const noBytes = Buffer.alloc(0);
const noMetadata: RelayedAnswer['trailers'] = new Map();

/** A call of a relay: a request that came whole, an answer that leaves with those of others. */
export class RelayWire implements CallWire {
  private listener: CallListener | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private headers = noMetadata;
  private message: Uint8Array = noBytes;
  private released = false;

  constructor(
    readonly call: RelayedCall,
    private readonly sink: AnswerSink,
  ) {}

  get relayCaller(): RelayCaller | undefined {
    return this.sink.caller;
  }

  /** Answers a call that never became one. */
  refuse({ code, details, trailers }: CallStatus): void {
    this.sendStatus(code, details, trailers);
  }

  /** `timeoutMs` Infinity: no deadline. */
  startDeadline(timeoutMs: number): void {
    if (timeoutMs !== Infinity) this.deadline = setTimeout(onDeadline, timeoutMs, this);
  }

  start(listener: CallListener): void {
    this.listener = listener;
    listener.onReceiveMetadata();
    listener.onReceiveRequest(this.call.message as readonly Buffer[]);
  }

  /** The request is there already. */
  startRead(): void {
    return;
  }

  /** The caller knows the request id, unless it had to be made here. */
  sendMetadata(requestId: string, metadata: OutgoingMetadata | undefined): void {
    let sent = metadata;
    if (requestId !== offered(this.call.metadata, requestIdKey)) {
      sent ??= new OutgoingMetadata();
      sent.set(requestIdKey, requestId);
    }
    this.headers = OutgoingMetadata.relayed(sent);
  }

  /** Kept until the status, so that all of a short answer leaves together. */
  sendMessage(message: Uint8Array): void {
    this.message = message;
  }

  sendStatus(code: Status, details: string, trailers: OutgoingMetadata | undefined): void {
    if (this.released) return;
    const isGood = code === Status.OK;
    this.sink.answer(this, {
      id: this.call.id,
      more: false,
      code,
      details: isGood ? '' : details,
      headers: this.headers,
      trailers: OutgoingMetadata.relayed(trailers),
      message: isGood ? this.message : noBytes,
    });
    this.message = noBytes;
  }

  get reader(): object {
    return this.sink;
  }

  get isAborted(): boolean {
    return this.released;
  }

  /** Nothing follows the request. */
  stopReading(): void {
    return;
  }

  abandon(): void {
    const { message } = refusal('DEADLINE_EXCEEDED', {});
    this.sink.replaceRest(this, Status.DEADLINE_EXCEEDED, message);
  }

  expired(): void {
    this.listener?.onStatus(Status.DEADLINE_EXCEEDED, 'deadline exceeded');
  }

  /** The answer is out of our hands, or nobody wants it any more. */
  release(): void {
    if (this.released) return;
    this.released = true;
    clearTimeout(this.deadline);
    this.listener?.onCancel();
  }
}

function onDeadline(wire: RelayWire): void {
  wire.expired();
}

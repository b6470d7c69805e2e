import { status as Status } from '@grpc/grpc-js';
import { messageHeadBytes, refusal, type TributaryError } from '@tributary/contract';
import type { Admission } from './admission';

/** Deflate makes at most 1032 bytes of one. */
const maxInflation = 1032;

/** A fault in how messages are framed, with the status that gRPC gives it: there is no reason of the catalogue for it. */
export class FramingFault {
  static readonly noMessage = new FramingFault(Status.UNIMPLEMENTED, 'no request message');
  static readonly moreMessages = new FramingFault(Status.UNIMPLEMENTED, 'more than one request message');
  static readonly flag = new FramingFault(Status.INTERNAL, 'a message is flagged as compressed without grpc-encoding');

  private constructor(
    readonly code: Status,
    readonly details: string,
  ) {}
}

/** What a call may send. */
export interface RequestLimits {
  readonly maxMessageBytes: number;
  /** False: the caller may send any number of messages; only the first is looked at while it arrives. */
  readonly oneMessage: boolean;
  /** Whether the metadata name a compression. */
  readonly encoded: boolean;
}

/**
 * The bytes of one call's request in the admission, counted as they arrive, so that an upload can be refused half-way, and one that
 * is too large at its head.
 */
export class RequestBytes {
  private received = 0;
  private taken = 0;
  private compressed = false;
  private length: number | undefined;
  /** Pieces of a head that did not come in one. */
  private partialHead: Buffer | undefined;

  constructor(
    private readonly admission: Admission,
    private readonly limits: RequestLimits,
  ) {}

  /** Bytes of the message as its head declares them; 0 before it has arrived. */
  get declared(): number {
    return this.length ?? 0;
  }

  /** Counts a piece of the request; or says why it is refused. */
  arrived(chunk: Buffer): TributaryError | FramingFault | undefined {
    const before = this.received;
    this.received += chunk.length;
    if (before < messageHeadBytes) {
      const fault = this.readHead(chunk);
      if (fault !== undefined) return fault;
    }
    const refused = this.take(chunk.length);
    if (refused !== undefined || this.length === undefined) return refused;
    const end = messageHeadBytes + this.length;
    if (this.limits.oneMessage && this.received > end) return FramingFault.moreMessages;
    if (!this.compressed || before >= end || this.received < end) return undefined;
    // Compressed and complete: inflating starts now, and may take up to this much until the real size is known.
    return this.take(Math.min(this.limits.maxMessageBytes, this.length * maxInflation));
  }

  /** Counts a request that came whole, without a head; or says why it is refused. */
  arrivedWhole(bytes: number): TributaryError | undefined {
    const { maxMessageBytes } = this.limits;
    if (bytes > maxMessageBytes) return refusal('MESSAGE_TOO_LARGE', { expected: maxMessageBytes, got: bytes });
    return this.take(bytes);
  }

  /** The message is there, with this many bytes. */
  settle(bytes: number): void {
    this.admission.give(this.taken - bytes);
    this.taken = bytes;
  }

  private take(bytes: number): TributaryError | undefined {
    const refused = this.admission.take(bytes);
    if (refused === undefined) this.taken += bytes;
    return refused;
  }

  private readHead(chunk: Buffer): TributaryError | FramingFault | undefined {
    let head = chunk;
    if (this.partialHead !== undefined || chunk.length < messageHeadBytes) {
      head = this.partialHead = Buffer.concat([
        this.partialHead ?? Buffer.alloc(0),
        chunk.subarray(0, messageHeadBytes),
      ]);
    }
    if (head.length < messageHeadBytes) return undefined;
    const flag = head[0]!;
    this.compressed = flag !== 0;
    this.length = head.readUInt32BE(1);
    if (flag > (this.limits.encoded ? 1 : 0)) return FramingFault.flag;
    const { maxMessageBytes } = this.limits;
    if (this.length <= maxMessageBytes) return undefined;
    return refusal('MESSAGE_TOO_LARGE', { expected: maxMessageBytes, got: this.length });
  }
}

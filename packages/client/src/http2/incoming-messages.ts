import { messageHeadBytes, Status } from '@tributary/contract';
import { failure, type HopAnswer } from '../hop';

/** Puts the messages of an answer together again from what its stream brings. */
export class IncomingMessages {
  private pieces: Buffer[] = [];
  private ownHeld = 0;

  /** @param maxBytes of one message */
  constructor(private readonly maxBytes: number) {}

  /** Bytes that have come and were not taken, heads included. */
  get held(): number {
    return this.ownHeld;
  }

  push(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.ownHeld += chunk.length;
  }

  /**
   * The first message, where all of it is there: a view where it came in one piece. Or how the call ends, where the message is one that
   * nobody asked for: compressed, or too long.
   */
  take(): Uint8Array | HopAnswer | undefined {
    if (this.ownHeld < messageHeadBytes) return undefined;
    const head = this.head();
    const length = head.readUInt32BE(1);
    if (head[0] !== 0) return failure(Status.INTERNAL, 'a compressed answer though none was asked for');
    if (length > this.maxBytes) return failure(Status.RESOURCE_EXHAUSTED, 'an answer over the limit');
    const end = messageHeadBytes + length;
    if (this.ownHeld < end) return undefined;
    const whole = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces, this.ownHeld);
    this.ownHeld -= end;
    this.pieces = this.ownHeld === 0 ? [] : [whole.subarray(end)];
    return whole.subarray(messageHeadBytes, end);
  }

  /** Drops what is there. */
  clear(): void {
    this.pieces = [];
    this.ownHeld = 0;
  }

  /** The first piece, with at least a whole head in it. */
  private head(): Buffer {
    const first = this.pieces[0]!;
    if (first.length >= messageHeadBytes) return first;
    const joined = Buffer.concat(this.pieces, this.ownHeld);
    this.pieces = [joined];
    return joined;
  }
}

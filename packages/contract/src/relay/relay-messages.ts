import { messageHeadBytes } from '../message-head';
import { maxRelayMessageBytes, RelayFault } from './relayed-call';

/** Puts the messages of a relay's stream together again from what its socket brings; holds at most one message. */
export class RelayMessages {
  /** Bytes that belong to no complete message yet. */
  private pieces: Buffer[] = [];
  private ownHeld = 0;

  /**
   * Takes the next bytes of the stream and tells of each message that they complete, in the pieces in which it arrived; an empty message
   * has one empty piece.
   * @throws RelayFault where a message is compressed or longer than 4 MiB; what `onMessage` throws
   */
  take(chunk: Buffer, onMessage: (message: readonly Buffer[]) => void): void {
    let rest = chunk;
    if (this.ownHeld > 0) {
      this.pieces.push(chunk);
      this.ownHeld += chunk.length;
      const wanted = this.wanted();
      if (this.ownHeld < wanted) return;
      const pieces = this.pieces;
      const last = pieces.pop()!;
      const lastEnd = last.length - (this.ownHeld - wanted);
      rest = last.subarray(lastEnd);
      pieces.push(last.subarray(0, lastEnd));
      pieces[0] = pieces[0]!.subarray(messageHeadBytes);
      this.pieces = [];
      this.ownHeld = 0;
      // The head may have been all of the first piece, and the end of the message that of the one before the last.
      const filled = pieces.filter(({ length }) => length > 0);
      onMessage(filled.length > 0 ? filled : [rest.subarray(0, 0)]);
    }
    while (rest.length >= messageHeadBytes) {
      const end = messageHeadBytes + lengthOfMessage(rest);
      if (rest.length < end) break;
      const message = rest.subarray(messageHeadBytes, end);
      rest = rest.subarray(end);
      onMessage([message]);
    }
    if (rest.length === 0) return;
    // A message that will never be complete is refused at its head.
    if (rest.length >= messageHeadBytes) lengthOfMessage(rest);
    this.pieces.push(rest);
    this.ownHeld = rest.length;
  }

  /** Bytes of a message that is not complete. */
  get held(): number {
    return this.ownHeld;
  }

  /** True where the stream ended inside a message. */
  get isCut(): boolean {
    return this.ownHeld > 0;
  }

  /** How many bytes the next message needs with its head; the head itself may have come in several pieces. */
  private wanted(): number {
    if (this.ownHeld < messageHeadBytes) return messageHeadBytes;
    const first = this.pieces[0]!;
    if (first.length < messageHeadBytes) this.pieces = [Buffer.concat(this.pieces, this.ownHeld)];
    return messageHeadBytes + lengthOfMessage(this.pieces[0]!);
  }
}

function lengthOfMessage(head: Buffer): number {
  if (head[0] !== 0) throw new RelayFault('a message that is compressed');
  const length = head.readUInt32BE(1);
  if (length > maxRelayMessageBytes) throw new RelayFault(`a message of ${length} bytes`);
  return length;
}

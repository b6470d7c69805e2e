import { maxRelayMessageBytes, RelayFault } from './relayed-call';

/** Head of a gRPC message: a flag and four bytes of length. */
const headLength = 5;

/** Puts the messages of a relay's stream together again from what its socket brings; holds at most one message. */
export class RelayMessages {
  /** Bytes that belong to no complete message yet. */
  #pieces: Buffer[] = [];
  #held = 0;

  /**
   * Takes the next bytes of the stream and tells of each message that they complete. Where a message came in one piece, it is a view.
   * @throws RelayFault where a message is compressed or longer than 4 MiB; what `onMessage` throws
   */
  take(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    let rest = chunk;
    if (this.#held > 0) {
      this.#pieces.push(chunk);
      this.#held += chunk.length;
      if (this.#held < this.#wanted()) return;
      rest = Buffer.concat(this.#pieces, this.#held);
      this.#pieces = [];
      this.#held = 0;
    }
    while (rest.length >= headLength) {
      const end = headLength + lengthOfMessage(rest);
      if (rest.length < end) break;
      const message = rest.subarray(headLength, end);
      rest = rest.subarray(end);
      onMessage(message);
    }
    if (rest.length === 0) return;
    // A message that will never be complete is refused at its head.
    if (rest.length >= headLength) lengthOfMessage(rest);
    this.#pieces.push(rest);
    this.#held = rest.length;
  }

  /** Bytes of a message that is not complete. */
  get held(): number {
    return this.#held;
  }

  /** True where the stream ended inside a message. */
  get isCut(): boolean {
    return this.#held > 0;
  }

  /** How many bytes the next message needs with its head; the head itself may have come in several pieces. */
  #wanted(): number {
    if (this.#held < headLength) return headLength;
    const first = this.#pieces[0]!;
    if (first.length < headLength) this.#pieces = [Buffer.concat(this.#pieces, this.#held)];
    return headLength + lengthOfMessage(this.#pieces[0]!);
  }
}

function lengthOfMessage(head: Buffer): number {
  if (head[0] !== 0) throw new RelayFault('a message that is compressed');
  const length = head.readUInt32BE(1);
  if (length > maxRelayMessageBytes) throw new RelayFault(`a message of ${length} bytes`);
  return length;
}

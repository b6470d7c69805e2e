import { messageHeadBytes } from '../message-head';
import { lengthOf } from '../tensor';
import type { RelayedAnswer, RelayedCall, RelayedMetadata } from './relayed-call';

/** What a message is begun with; most turns have one or a few calls to say. */
const smallestBuffer = 2048;

/** First bytes of the fields: number << 3 | wire type (0 varint, 2 with a length, 5 four bytes). */
export const relayTags = {
  requestCalls: (1 << 3) | 2,
  requestCancelled: (2 << 3) | 2,
  callId: (1 << 3) | 5,
  callPath: (2 << 3) | 2,
  callTimeoutUs: (3 << 3) | 0,
  callMetadata: (4 << 3) | 2,
  callMessage: (5 << 3) | 2,
  metadataKey: (1 << 3) | 2,
  metadataValue: (2 << 3) | 2,
  responseAnswers: (1 << 3) | 2,
  responseDraining: (2 << 3) | 0,
  answerId: (1 << 3) | 5,
  answerMore: (2 << 3) | 0,
  answerCode: (3 << 3) | 0,
  answerDetails: (4 << 3) | 2,
  answerHeaders: (5 << 3) | 2,
  answerTrailers: (6 << 3) | 2,
  answerMessage: (7 << 3) | 2,
};

/** A tag and four bytes. */
const fixed32Size = 5;

/** Gathers what one side has to say into one gRPC message, head included. */
class RelayWriter {
  private buffer: Buffer = Buffer.allocUnsafe(smallestBuffer);
  private at = messageHeadBytes;

  /** Bytes of the message so far, without its head. */
  get bytes(): number {
    return this.at - messageHeadBytes;
  }

  /**
   * The message with its head, ready to be written to the stream; the writer begins the next. Not to be called on an empty one.
   * @param following bytes of it that are written behind what is here
   */
  take(following = 0): Buffer {
    const message = this.buffer.subarray(0, this.at);
    message[0] = 0;
    message.writeUInt32BE(this.bytes + following, 1);
    // The next turn has about as much to say as this one.
    this.buffer = Buffer.allocUnsafe(Math.max(smallestBuffer, Math.min(this.at + (this.at >> 1), 65_536)));
    this.at = messageHeadBytes;
    return message;
  }

  protected reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    grown.set(this.buffer.subarray(0, this.at));
    this.buffer = grown;
  }

  protected varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.buffer[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.at++] = rest;
  }

  /** Begins a value of `size` bytes, which the caller writes next. */
  protected open(tag: number, size: number): void {
    this.buffer[this.at++] = tag;
    this.varint(size);
  }

  protected number(tag: number, value: number): void {
    this.buffer[this.at++] = tag;
    this.varint(value);
  }

  protected fixed32(value: number): void {
    this.at = this.buffer.writeUInt32LE(value, this.at);
  }

  protected tagged32(tag: number, value: number): void {
    this.buffer[this.at++] = tag;
    this.fixed32(value);
  }

  /** Characters below 256. */
  protected latin1(tag: number, text: string): void {
    this.open(tag, text.length);
    if (text.length > maxLoopedText) this.buffer.write(text, this.at, 'latin1');
    else for (let index = 0; index < text.length; index += 1) this.buffer[this.at + index] = text.charCodeAt(index);
    this.at += text.length;
  }

  protected utf8(tag: number, text: string, size: number): void {
    this.open(tag, size);
    this.buffer.write(text, this.at, 'utf8');
    this.at += size;
  }

  protected copy(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  protected metadata(tag: number, metadata: RelayedMetadata): void {
    for (const [key, values] of metadata) {
      for (const value of values) {
        this.open(tag, sizeOfEntry(key, value));
        this.latin1(relayTags.metadataKey, key);
        if (typeof value === 'string') this.latin1(relayTags.metadataValue, value);
        else {
          this.open(relayTags.metadataValue, value.length);
          this.copy(value);
        }
      }
    }
  }
}

/** The largest number that the other end reads: 285 years. */
const longestTimeoutUs = Number.MAX_SAFE_INTEGER;

/** Up to this length a loop is faster than a call into Node. */
const maxLoopedText = 48;

/** Gathers a tributary.relay.v1.RelayRequest. */
export class RelayRequestWriter extends RelayWriter {
  call(call: RelayedCall): void {
    const { message } = call;
    this.openFrame(call, lengthOf(message));
    for (const piece of message) this.copy(piece);
  }

  /**
   * A message of its own for a call with a long request: what comes before the bytes of the request, which the caller writes to the
   * stream behind it. The writer must be empty.
   */
  takeLong(call: RelayedCall): Buffer {
    const length = lengthOf(call.message);
    this.openFrame(call, length, false);
    return this.take(length);
  }

  /** All of a call up to the bytes of its request. */
  private openFrame({ id, path, timeoutMs, metadata }: RelayedCall, messageSize: number, withRoom = true): void {
    // Less than a microsecond is a deadline too, and 0 would be none.
    const timeoutUs =
      timeoutMs === Infinity ? 0 : Math.max(1, Math.min(Math.floor(timeoutMs * 1000), longestTimeoutUs));
    let size = fixed32Size + sizeOfBlock(path.length) + sizeOfMetadata(metadata);
    if (timeoutUs > 0) size += 1 + sizeOfVarint(timeoutUs);
    if (messageSize > 0) size += sizeOfBlock(messageSize);
    this.reserve(withRoom ? sizeOfBlock(size) : sizeOfBlock(size) - messageSize);
    this.open(relayTags.requestCalls, size);
    this.tagged32(relayTags.callId, id);
    this.latin1(relayTags.callPath, path);
    if (timeoutUs > 0) this.number(relayTags.callTimeoutUs, timeoutUs);
    this.metadata(relayTags.callMetadata, metadata);
    if (messageSize > 0) this.open(relayTags.callMessage, messageSize);
  }

  cancel(id: number): void {
    this.reserve(2 + 4);
    this.open(relayTags.requestCancelled, 4);
    this.fixed32(id);
  }
}

/** Gathers a tributary.relay.v1.RelayResponse. */
export class RelayResponseWriter extends RelayWriter {
  answer({ id, more, code, details, headers, trailers, message }: RelayedAnswer): void {
    const detailsSize = details === '' ? 0 : Buffer.byteLength(details);
    let size = fixed32Size + sizeOfMetadata(headers) + sizeOfMetadata(trailers);
    if (more) size += 2;
    if (code > 0) size += 1 + sizeOfVarint(code);
    if (detailsSize > 0) size += sizeOfBlock(detailsSize);
    if (message.length > 0) size += sizeOfBlock(message.length);
    this.reserve(sizeOfBlock(size));
    this.open(relayTags.responseAnswers, size);
    this.tagged32(relayTags.answerId, id);
    if (more) this.number(relayTags.answerMore, 1);
    if (code > 0) this.number(relayTags.answerCode, code);
    if (detailsSize > 0) this.utf8(relayTags.answerDetails, details, detailsSize);
    this.metadata(relayTags.answerHeaders, headers);
    this.metadata(relayTags.answerTrailers, trailers);
    if (message.length === 0) return;
    this.open(relayTags.answerMessage, message.length);
    this.copy(message);
  }

  draining(): void {
    this.reserve(2);
    this.number(relayTags.responseDraining, 1);
  }
}

function sizeOfMetadata(metadata: RelayedMetadata): number {
  let size = 0;
  for (const [key, values] of metadata) for (const value of values) size += sizeOfBlock(sizeOfEntry(key, value));
  return size;
}

function sizeOfEntry(key: string, value: string | Buffer): number {
  return sizeOfBlock(key.length) + sizeOfBlock(value.length);
}

/** A tag of one byte, a length, and as many bytes. */
function sizeOfBlock(size: number): number {
  return 1 + sizeOfVarint(size) + size;
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

import { joinPieces, liftValues } from '../message-pieces';
import { relayTags } from './relay-writer';
import { maxRelayId, RelayFault, type RelayedAnswer, type RelayedCall, type RelayedMetadata } from './relayed-call';

/** Told of what a request of the relay holds, in order. */
export interface RelayRequestListener {
  onCall(call: RelayedCall): void;
  onCancelled(id: number): void;
}

/** Told of what a response of the relay holds, in order. */
export interface RelayResponseListener {
  onAnswer(answer: RelayedAnswer): void;
  onDraining(): void;
}

const noMetadata: RelayedMetadata = new Map();
const noBytes = Buffer.alloc(0);

/** Requests of calls from this length on are not joined where they arrived in pieces. */
const minPiecedBytes = 64 * 1024;

/**
 * What a value that is kept may keep alive beside itself. A message may be 4 MiB long and mostly padding; a call that is counted with
 * its few bytes must not hold all of that while it waits. What one turn brings is shorter, so that in practice nothing is copied.
 */
const maxKeptAlongBytes = 256 * 1024;

/**
 * Reads an encoded tributary.relay.v1.RelayRequest that arrived in one piece or several. Requests of calls are views of them, and copies
 * where a view would keep more than `maxKeptAlongBytes` of others alive.
 * @throws RelayFault where it is none; what came before the fault has been told
 */
export function readRelayRequest(message: readonly Buffer[], listener: RelayRequestListener): void {
  const lifted =
    message.length === 1 ? undefined : liftValues(message, (tag) => tag === relayTags.requestCalls, minPiecedBytes);
  const cursor = new Cursor(asBuffer(lifted?.rest ?? joinPieces(message)));
  for (let calls = 0; !cursor.atEnd();) {
    const tag = cursor.varint();
    if (tag === relayTags.requestCalls) {
      const outer = cursor.enter();
      const pieces = lifted?.lifted.get(calls);
      listener.onCall(pieces === undefined ? readCall(cursor) : readLongCall(pieces));
      cursor.leave(outer);
      calls += 1;
    } else if (tag === relayTags.requestCancelled) {
      const outer = cursor.enter();
      while (!cursor.atEnd()) listener.onCancelled(cursor.fixed32());
      cursor.leave(outer);
    } else cursor.skip(tag);
  }
}

/**
 * Reads an encoded tributary.relay.v1.RelayResponse that arrived in one piece or several. Messages of answers are views of it, of a copy
 * where there were several, and copies of their own as requests are.
 * @throws RelayFault where it is none; what came before the fault has been told
 */
export function readRelayResponse(message: readonly Buffer[], listener: RelayResponseListener): void {
  const cursor = new Cursor(asBuffer(joinPieces(message)));
  while (!cursor.atEnd()) {
    const tag = cursor.varint();
    if (tag === relayTags.responseAnswers) {
      const outer = cursor.enter();
      listener.onAnswer(readAnswer(cursor));
      cursor.leave(outer);
    } else if (tag === relayTags.responseDraining) {
      if (cursor.varint() !== 0) listener.onDraining();
    } else cursor.skip(tag);
  }
}

/** A call that lies in pieces; its request stays in them. */
function readLongCall(pieces: readonly Uint8Array[]): RelayedCall {
  const inner = liftValues(pieces, (tag) => tag === relayTags.callMessage, minPiecedBytes);
  const request = inner?.lifted.get(0);
  // Anything but one long request is unusual enough to be read in one place.
  if (inner === undefined || request === undefined || inner.lifted.size > 1) return readCall(cursorOf(pieces));
  const call = readCall(new Cursor(asBuffer(inner.rest)));
  return call.message.every(({ length }) => length === 0) ? { ...call, message: request } : readCall(cursorOf(pieces));
}

function cursorOf(pieces: readonly Uint8Array[]): Cursor {
  return new Cursor(asBuffer(joinPieces(pieces)));
}

/** The same bytes; no copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readCall(cursor: Cursor): RelayedCall {
  let id = 0;
  let path = '';
  let timeoutUs = 0;
  let metadata: Map<string, (string | Buffer)[]> | undefined;
  let message: Buffer | undefined;
  while (!cursor.atEnd()) {
    const tag = cursor.varint();
    if (tag === relayTags.callId) id = cursor.fixed32();
    else if (tag === relayTags.callPath) path = readPath(cursor.block());
    else if (tag === relayTags.callTimeoutUs) timeoutUs = cursor.varint();
    else if (tag === relayTags.callMetadata) readEntry(cursor, (metadata ??= new Map<string, (string | Buffer)[]>()));
    else if (tag === relayTags.callMessage) message = cursor.kept();
    else cursor.skip(tag);
  }
  if (id === 0 || id > maxRelayId) throw new RelayFault('a call without an id from 1 to 2^31 - 1');
  const timeoutMs = timeoutUs === 0 ? Infinity : timeoutUs / 1000;
  return { id, path, timeoutMs, metadata: metadata ?? noMetadata, message: message === undefined ? [] : [message] };
}

function readAnswer(cursor: Cursor): RelayedAnswer {
  let id = 0;
  let more = false;
  let code = 0;
  let details = '';
  let headers: Map<string, (string | Buffer)[]> | undefined;
  let trailers: Map<string, (string | Buffer)[]> | undefined;
  let message: Buffer = noBytes;
  while (!cursor.atEnd()) {
    const tag = cursor.varint();
    if (tag === relayTags.answerId) id = cursor.fixed32();
    else if (tag === relayTags.answerMessage) message = cursor.kept();
    else if (tag === relayTags.answerMore) more = cursor.varint() !== 0;
    else if (tag === relayTags.answerCode) code = cursor.varint();
    else if (tag === relayTags.answerDetails) details = cursor.block().toString('utf8');
    else if (tag === relayTags.answerHeaders) readEntry(cursor, (headers ??= new Map<string, (string | Buffer)[]>()));
    else if (tag === relayTags.answerTrailers) readEntry(cursor, (trailers ??= new Map<string, (string | Buffer)[]>()));
    else cursor.skip(tag);
  }
  if (id === 0 || id > maxRelayId) throw new RelayFault('an answer without an id from 1 to 2^31 - 1');
  if (code > 16) throw new RelayFault('a status code above 16');
  return { id, more, code, details, headers: headers ?? noMetadata, trailers: trailers ?? noMetadata, message };
}

function readEntry(cursor: Cursor, metadata: Map<string, (string | Buffer)[]>): void {
  const outer = cursor.enter();
  let key = '';
  let value: Buffer = noBytes;
  while (!cursor.atEnd()) {
    const tag = cursor.varint();
    if (tag === relayTags.metadataKey) key = cursor.block().toString('latin1');
    else if (tag === relayTags.metadataValue) value = cursor.kept();
    else cursor.skip(tag);
  }
  cursor.leave(outer);
  const read = key.endsWith('-bin') ? value : value.toString('latin1');
  const others = metadata.get(key);
  if (others === undefined) metadata.set(key, [read]);
  else others.push(read);
}

/** Nearly every call has the path of the one before; a string that is the same also has its hash already. */
let lastPath = '';

function readPath(bytes: Buffer): string {
  if (!isText(bytes, lastPath)) lastPath = bytes.toString('latin1');
  return lastPath;
}

function isText(bytes: Buffer, text: string): boolean {
  if (bytes.length !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) if (bytes[index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Reads an encoded message from its start to its end; steps into messages inside it and out again. */
class Cursor {
  private at = 0;
  private end: number;
  /** What a view keeps alive. */
  private readonly heldBytes: number;

  constructor(private readonly bytes: Buffer) {
    this.end = bytes.length;
    this.heldBytes = bytes.buffer.byteLength;
  }

  atEnd(): boolean {
    return this.at >= this.end;
  }

  /** A number of up to 53 bits. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      if (this.at >= this.end) throw new RelayFault('a number is cut off');
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new RelayFault('a number of more than 53 bits');
  }

  fixed32(): number {
    this.advance(4);
    return this.bytes.readUInt32LE(this.at - 4);
  }

  /** A view of a value with a length. */
  block(): Buffer {
    const length = this.varint();
    this.advance(length);
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A value with a length that may outlive the message. */
  kept(): Buffer {
    const view = this.block();
    return this.heldBytes - view.length > maxKeptAlongBytes ? Buffer.from(view) : view;
  }

  /** Steps into a message; what it returns is for `leave`. */
  enter(): number {
    const outer = this.end;
    const length = this.varint();
    if (length > this.end - this.at) throw new RelayFault('a value is cut off');
    this.end = this.at + length;
    return outer;
  }

  leave(outer: number): void {
    this.end = outer;
  }

  /** Steps over a field that is not known here: a later version may have it. */
  skip(tag: number): void {
    if (tag < 8) throw new RelayFault('a field without a number');
    switch (tag % 8) {
      case 0:
        this.varint();
        return;
      case 1:
        this.advance(8);
        return;
      case 2:
        this.advance(this.varint());
        return;
      case 5:
        this.advance(4);
        return;
      default:
        throw new RelayFault('a field of a wire type that is not used');
    }
  }

  private advance(bytes: number): void {
    if (bytes > this.end - this.at) throw new RelayFault('a value is cut off');
    this.at += bytes;
  }
}

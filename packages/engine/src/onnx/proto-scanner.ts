import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

const windowBytes = 65_536;
const copyBytes = 2 ** 20;

/** A field of a message: its number, and where its content lies in the file. `end` equals `start` for everything but bytes. */
export interface ProtoField {
  readonly number: number;
  readonly wireType: number;
  /** Value of a varint field as a signed number of 64 bits (exact up to 2^53). */
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/** Thrown where the bytes are no protobuf message. */
export class ProtoError extends Error {
  override readonly name = 'ProtoError';
}

/**
 * Walks protobuf messages in a file without reading what is skipped: of a model of gigabytes only the few pages around its nodes
 * are touched. Synchronous: for worker threads.
 */
export class ProtoScanner {
  private readonly window = Buffer.allocUnsafe(windowBytes);
  private windowStart = 0;
  private windowEnd = 0;
  private position = 0;

  private constructor(
    private readonly file: number,
    readonly size: number,
  ) {}

  /**
   * Opens `path`, hands a scanner over the whole file to `read`, and closes the file.
   * @throws ProtoError where it is no file: opening a pipe would wait for its writer
   */
  static scan<T>(path: string, read: (scanner: ProtoScanner) => T): T {
    if (!statSync(path).isFile()) throw new ProtoError('it is no file');
    const file = openSync(path, 'r');
    try {
      return read(new ProtoScanner(file, fstatSync(file).size));
    } finally {
      closeSync(file);
    }
  }

  /** The fields of the message that lies in [start, end), in order. */
  *fields(start: number, end: number): Generator<ProtoField> {
    let at = start;
    while (at < end) {
      this.position = at;
      const key = this.varint(end);
      const number = Math.floor(key / 8);
      const wireType = key % 8;
      if (number === 0) throw new ProtoError(`field number 0 at byte ${at}`);
      const field = this.next(number, wireType, end);
      at = field.end;
      yield field;
    }
  }

  /** Text of a field; names and operators are short. */
  text(field: ProtoField): string {
    const length = field.end - field.start;
    if (length > windowBytes) throw new ProtoError(`a name of ${length} bytes at byte ${field.start}`);
    this.fill(field.start, length);
    return this.window.toString('utf8', field.start - this.windowStart, field.end - this.windowStart);
  }

  /** The numbers of a packed field, or the number of a field that holds one. */
  varints(field: ProtoField): number[] {
    if (field.wireType !== 2) return [field.value];
    const values: number[] = [];
    this.position = field.start;
    while (this.position < field.end) values.push(this.varint(field.end));
    return values;
  }

  /** A copy of a field's content, which must be short. */
  content(field: ProtoField): Buffer<ArrayBuffer> {
    const length = field.end - field.start;
    if (length > windowBytes) return this.bytes(field.start, field.end);
    this.fill(field.start, length);
    const from = field.start - this.windowStart;
    return Buffer.from(this.window.subarray(from, from + length));
  }

  /** The bytes of [start, end). */
  bytes(start: number, end: number): Buffer<ArrayBuffer> {
    const bytes = Buffer.allocUnsafe(end - start);
    this.read(bytes, start);
    return bytes;
  }

  /** Copies [start, end) to the current position of an open file, or to the given one. */
  copy(start: number, end: number, target: number, position?: number): void {
    const chunk = Buffer.allocUnsafe(Math.min(copyBytes, end - start));
    for (let at = start; at < end; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, end - at));
      this.read(part, at);
      writeWhole(target, part, position === undefined ? undefined : position + at - start);
    }
  }

  private read(into: Uint8Array, start: number): void {
    for (let filled = 0; filled < into.length;) {
      const count = readSync(this.file, into, filled, into.length - filled, start + filled);
      if (count === 0) throw new ProtoError(`the file ends at byte ${start + filled}`);
      filled += count;
    }
  }

  private next(number: number, wireType: number, limit: number): ProtoField {
    switch (wireType) {
      case 0: {
        const value = this.varint(limit);
        return { number, wireType, value, start: this.position, end: this.position };
      }
      case 1:
      case 5:
        return this.span(number, wireType, wireType === 1 ? 8 : 4, limit);
      case 2:
        return this.span(number, wireType, this.varint(limit), limit);
      default:
        throw new ProtoError(`wire type ${wireType} before byte ${this.position}`);
    }
  }

  private span(number: number, wireType: number, length: number, limit: number): ProtoField {
    const start = this.position;
    const end = start + length;
    if (length < 0 || end > limit)
      throw new ProtoError(`a field of ${length} bytes at byte ${start}, but only ${limit - start} are left`);
    return { number, wireType, value: 0, start, end };
  }

  private varint(limit: number): number {
    let value = 0;
    // What is subtracted from -1: a negative number is all ones in its upper bits, and only so is it exact.
    let inverted = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (this.position >= limit) throw new ProtoError(`the message ends inside a number at byte ${this.position}`);
      const byte = this.byte(this.position++);
      const isSign = count === 9;
      if (!isSign) inverted += (127 - (byte & 127)) * factor;
      if (isSign && (byte & 1) === 1 && byte < 128) return -1 - inverted;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new ProtoError(`a number of more than ten bytes before byte ${this.position}`);
  }

  private byte(at: number): number {
    if (at < this.windowStart || at >= this.windowEnd) this.fill(at, 1);
    return this.window[at - this.windowStart]!;
  }

  private fill(start: number, length: number): void {
    if (start >= this.windowStart && start + length <= this.windowEnd) return;
    this.windowStart = start;
    this.windowEnd = start + readSync(this.file, this.window, 0, windowBytes, start);
    if (this.windowEnd < start + length) throw new ProtoError(`the file ends at byte ${this.windowEnd}`);
  }
}

/** Writes all of it, which one call need not. */
export function writeWhole(file: number, bytes: Uint8Array, position?: number): void {
  for (let written = 0; written < bytes.length;) {
    const at = position === undefined ? null : position + written;
    written += writeSync(file, bytes, written, bytes.length - written, at);
  }
}

import { Reader } from 'protobufjs/minimal';
import { datatypeInfo, type Datatype, type TypedField } from './data-type';
import { refusal } from './refusal';
import { endOfValue, lengthDelimited, skipField } from './wire';

/** An input whose typed contents are being converted; names are for messages. */
export interface TypedInput {
  readonly model: string;
  readonly input: string;
  /** Path in the request, e.g. `inputs[0].contents`. */
  readonly field: string;
  readonly datatype: Datatype;
}

/** Fields of InferTensorContents by number, and what their elements are. */
const fields: ReadonlyMap<number, { name: TypedField; elementType: string; wireType: number }> = new Map([
  [1, { name: 'bool_contents', elementType: 'BOOL', wireType: 0 }],
  [2, { name: 'int_contents', elementType: 'INT32', wireType: 0 }],
  [3, { name: 'int64_contents', elementType: 'INT64', wireType: 0 }],
  [4, { name: 'uint_contents', elementType: 'UINT32', wireType: 0 }],
  [5, { name: 'uint64_contents', elementType: 'UINT64', wireType: 0 }],
  [6, { name: 'fp32_contents', elementType: 'FP32', wireType: 5 }],
  [7, { name: 'fp64_contents', elementType: 'FP64', wireType: 1 }],
  [8, { name: 'bytes_contents', elementType: 'BYTES', wireType: lengthDelimited }],
]);

/** What the datatypes hold that are narrower than their field. */
const ranges: ReadonlyMap<Datatype, { least: number; most: number }> = new Map([
  ['INT8', { least: -0x80, most: 0x7f }],
  ['INT16', { least: -0x8000, most: 0x7fff }],
  ['UINT8', { least: 0, most: 0xff }],
  ['UINT16', { least: 0, most: 0xffff }],
]);

/**
 * Turns InferTensorContents into raw bytes. Floats that came in one piece are a view of the message; all else is converted
 * element by element into a new buffer, 64-bit integers as two words.
 * @param spans start and end of each InferTensorContents of the input; several are merged, as protobuf says
 * @returns the bytes; empty where the contents have no element
 * @throws TributaryError CONTENTS_WRONG_FIELD, VALUE_OUT_OF_RANGE; RangeError or Error for malformed bytes
 */
export function typedContentsToBytes(message: Uint8Array, spans: readonly number[], input: TypedInput): Uint8Array {
  const sink = new ElementSink(input);
  for (let index = 0; index < spans.length; index += 2) {
    const reader = Reader.create(message);
    reader.pos = spans[index]!;
    reader.len = spans[index + 1]!;
    while (reader.pos < reader.len) readField(reader, sink, input);
  }
  return sink.finish();
}

function readField(reader: Reader, sink: ElementSink, input: TypedInput): void {
  const tag = reader.tag();
  const wireType = tag & 7;
  const field = fields.get(tag >>> 3);
  if (field === undefined || (wireType !== field.wireType && wireType !== lengthDelimited)) {
    skipField(reader, tag, 2);
    return;
  }
  const isPacked = wireType === lengthDelimited && field.name !== 'bytes_contents';
  const before = reader.pos;
  if (isPacked && endOfValue(reader) === reader.pos) return; // An empty list is no element of any type.
  reader.pos = before;
  if (field.name !== datatypeInfo(input.datatype).typedField) {
    const { model, input: name, datatype: expected } = input;
    const args = { model, input: name, expected, got: field.elementType };
    throw refusal('CONTENTS_WRONG_FIELD', args, { field: `${input.field}.${field.name}` });
  }
  if (!isPacked) {
    sink.append(reader);
    return;
  }
  const limit = reader.len;
  reader.len = endOfValue(reader);
  sink.appendPacked(reader);
  reader.len = limit;
}

/** Raw bytes in the making. */
class ElementSink {
  private readonly input: TypedInput;
  /** Bytes of an element; undefined for BYTES. */
  private readonly byteSize: number | undefined;
  private bytes: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  constructor(input: TypedInput) {
    this.input = input;
    this.byteSize = datatypeInfo(input.datatype).byteSize;
  }

  /** Takes everything up to the end of the reader: one piece of a packed list. */
  appendPacked(reader: Reader): void {
    const { pos: start, len: end } = reader;
    const { datatype } = this.input;
    if (datatype === 'FP32' || datatype === 'FP64') {
      if ((end - start) % this.byteSize! !== 0) throw new RangeError('packed list ends inside an element');
      this.appendFixed(reader.buf.subarray(start, end));
      reader.pos = end;
      return;
    }
    this.reserve(countVarints(reader.buf, start, end) * this.byteSize!);
    reader.pos = this.appendVarints(reader.buf, start, end, Number.POSITIVE_INFINITY);
  }

  /** Takes one element that is not part of a packed list. */
  append(reader: Reader): void {
    const { datatype } = this.input;
    if (datatype === 'BYTES') {
      const end = endOfValue(reader);
      this.reserve(4 + end - reader.pos);
      this.view.setUint32(this.length, end - reader.pos, true);
      this.bytes.set(reader.buf.subarray(reader.pos, end), this.length + 4);
      this.length += 4 + end - reader.pos;
      reader.pos = end;
    } else if (datatype === 'FP32' || datatype === 'FP64') {
      const end = reader.pos + this.byteSize!;
      if (end > reader.len) throw new RangeError('message ends inside an element');
      this.reserve(this.byteSize!);
      this.bytes.set(reader.buf.subarray(reader.pos, end), this.length);
      this.length += this.byteSize!;
      reader.pos = end;
    } else {
      this.reserve(this.byteSize!);
      reader.pos = this.appendVarints(reader.buf, reader.pos, reader.len, 1);
    }
  }

  finish(): Uint8Array {
    return this.length === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.length);
  }

  private appendFixed(piece: Uint8Array): void {
    if (this.length === 0) {
      // The usual case, one piece: no copy. Should another follow, #reserve copies first, for the view has no room left.
      this.bytes = piece;
    } else {
      this.reserve(piece.length);
      this.bytes.set(piece, this.length);
    }
    this.length += piece.length;
  }

  /** Takes varints (at most `most`) up to `end`; returns where it stopped. There must be room for them. */
  private appendVarints(buffer: Uint8Array, start: number, end: number, most: number): number {
    let position = start;
    for (let taken = 0; position < end && taken < most; taken += 1) {
      // At most ten bytes: 32 bits into the low word, the rest into the high one.
      let low = 0;
      let high = 0;
      let byte = 128;
      for (let shift = 0; byte > 127; shift += 7) {
        if (position >= end) throw new RangeError('message ends inside a varint');
        if (shift > 63) throw new RangeError('varint of more than ten bytes');
        byte = buffer[position++]!;
        if (shift < 28) low |= (byte & 127) << shift;
        else if (shift === 28) {
          low |= (byte & 127) << 28;
          high = (byte & 127) >>> 4;
        } else high |= (byte & 127) << (shift - 32);
      }
      this.appendWords(low, high);
    }
    if (position === start) throw new RangeError('message ends before a varint');
    return position;
  }

  private appendWords(low: number, high: number): void {
    const view = this.view;
    const at = this.length;
    const byteSize = this.byteSize!;
    if (byteSize >= 4) {
      view.setInt32(at, low, true);
      if (byteSize === 8) view.setInt32(at + 4, high, true);
    } else this.appendNarrow(low, high);
    this.length = at + byteSize;
  }

  private appendNarrow(low: number, high: number): void {
    const view = this.view;
    const at = this.length;
    const { datatype } = this.input;
    if (datatype === 'BOOL') view.setUint8(at, (low | high) === 0 ? 0 : 1);
    else {
      const { least, most } = ranges.get(datatype)!;
      const value = least < 0 ? low : low >>> 0;
      if (value < least || value > most) throw this.outOfRange(value);
      if (this.byteSize === 1) view.setUint8(at, value);
      else view.setUint16(at, value, true);
    }
  }

  private outOfRange(value: number): Error {
    const { model, input, datatype, field } = this.input;
    const element = this.length / this.byteSize!;
    return refusal('VALUE_OUT_OF_RANGE', { model, input, element, got: value, expected: datatype }, { field });
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    // Exactly what is needed at first, for most lists come in one piece; then twice as much each time.
    const grown = new Uint8Array(this.length === 0 ? needed : Math.max(needed, this.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

function countVarints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (bytes[at]! < 128) count += 1;
  return count;
}

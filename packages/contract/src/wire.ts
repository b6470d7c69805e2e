import type { Reader } from 'protobufjs/minimal';

/** Wire type of strings, bytes, messages and packed lists. A field's tag is its number << 3 | its wire type. */
export const lengthDelimited = 2;

/** Steps over the value of a field that is unknown or has a wrong wire type. `depth` counts the messages around it. */
export function skipField(reader: Reader, tag: number, depth: number): void {
  reader.skipType(tag & 7, depth, tag >>> 3);
}

/**
 * Reads a length and narrows the reader to the value. The caller reads to the end and then sets `reader.len` back to what this
 * returns.
 */
export function enterNested(reader: Reader): number {
  const outer = reader.len;
  reader.len = endOfValue(reader);
  return outer;
}

/** Reads a length and returns where the value ends; the reader stands at its start. */
export function endOfValue(reader: Reader): number {
  const end = reader.size() + reader.pos;
  if (end > reader.len) throw new RangeError('length beyond the end of the message');
  return end;
}

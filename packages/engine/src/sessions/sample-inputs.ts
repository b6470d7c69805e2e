import { datatypeInfo, encodeStringElements, type Datatype } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';

/** Sizes tried for dimensions that may vary, in order: most graphs accept the first; convolutions want more. */
export const sampleDimensions: readonly number[] = [2, 1, 3, 4, 8, 16, 32, 64, 128, 224, 256, 512];

/** Largest made-up tensor, in elements. */
const maxSampleElements = 2 ** 24;

/** So many elements of a tensor differ; then they repeat, because a large tensor is made up on the event loop. */
const drawnElements = 2 ** 16;

/** Bits of 1, 0.5, 0.25, 0, -1, -0.5, 2 and 0.125 as FP16. */
const halves = [0x3c00, 0x3800, 0x3400, 0x0000, 0xbc00, 0xb800, 0x4000, 0x3000];

/** The same numbers as BF16. */
const brainFloats = [0x3f80, 0x3f00, 0x3e80, 0x0000, 0xbf80, 0xbf00, 0x4000, 0x3e00];

/**
 * Makes up one row of every input, or the whole input where nothing is batched. Whole numbers are 0 or 1, which are valid ids
 * and masks almost everywhere; BOOL is false, which no loop goes on with; the rest looks random but is the same every time.
 * @param dimension size of the dimensions that may vary
 * @param row which row: rows differ, so that a graph which mixes them is found out
 * @param isPlain true: zeros instead
 * @returns undefined where a tensor would be too large
 */
export function sampleInputs(
  specs: readonly TensorSpec[],
  dimension: number,
  row: number,
  isPlain: boolean,
): PackedTensor[] | undefined {
  const samples: PackedTensor[] = [];
  for (const [index, spec] of specs.entries()) {
    const shape = spec.shape.map((size) => (size === -1 ? dimension : size));
    const count = shape.reduce((product, size) => product * size, 1);
    if (count > maxSampleElements) return undefined;
    const random = isPlain ? () => 0 : randomSource(row * 31 + index);
    samples.push({ shape, bytes: sampleBytes(spec.datatype, count, random) });
  }
  return samples;
}

function sampleBytes(datatype: Datatype, count: number, random: () => number): Uint8Array<ArrayBuffer> {
  if (datatype === 'BYTES') {
    return encodeStringElements(
      Array.from({ length: count }, () => String.fromCharCode(97 + Math.floor(random() * 26))),
    );
  }
  const { byteSize, isFloat } = datatypeInfo(datatype);
  const bits = datatype === 'BF16' ? brainFloats : halves;
  const view = new DataView(new ArrayBuffer(count * byteSize!));
  const drawnBytes = Math.min(view.byteLength, drawnElements * byteSize!);
  for (let at = 0; at < drawnBytes; at += byteSize!) {
    const value = random();
    if (datatype === 'FP32') view.setFloat32(at, value * 2 - (value === 0 ? 0 : 1), true);
    else if (datatype === 'FP64') view.setFloat64(at, value * 2 - (value === 0 ? 0 : 1), true);
    else if (isFloat) view.setUint16(at, value === 0 ? 0 : bits[Math.floor(value * bits.length)]!, true);
    else if (datatype === 'UINT8') view.setUint8(at, Math.floor(value * 256));
    // The lowest byte of a little-endian whole number.
    else if (datatype !== 'BOOL') view.setUint8(at, value < 0.5 ? 0 : 1);
  }
  const bytes = new Uint8Array(view.buffer);
  for (let filled = drawnBytes; filled > 0 && filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled);
  return bytes;
}

/** Numbers in [0, 1) by mulberry32. */
export function randomSource(seed: number): () => number {
  let state = seed * 0x9e3779b9 + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

import { datatypeInfo, encodeStringElements, type Datatype } from '@tributary/contract';
import type { PackedTensor } from '../tensors/pack-batch';
import { randomSource } from './sample-inputs';

/** Kinds of made-up rows, in words: of different scales, so that one outgrows another wherever they meet. */
export const probeKinds = {
  plain: 'usual numbers',
  positive: 'small positive numbers',
  large: 'large numbers',
  ones: 'ones',
  zeros: 'zeros',
  thousands: 'thousands',
  huge: 'huge numbers',
  tiny: 'tiny numbers',
  negative: 'negative numbers',
  notNumbers: 'NaN',
  someNotNumbers: 'usual numbers and some NaN',
  infinite: 'infinity',
} as const;

export type ProbeKind = keyof typeof probeKinds;

/** So many elements of a tensor differ; then they repeat, because a large tensor is made up on the event loop. */
const drawnElements = 2 ** 16;

/** Largest numbers of a kind that every float type, and every whole one of its size, can hold. */
const hugeHalf = 6e4;
const hugeFloat = 1e30;

/** A floating-point number of a kind, from one that is normally distributed. */
const floats: Readonly<Record<ProbeKind, (normal: number, isHalf: boolean) => number>> = {
  plain: (normal) => normal * 5,
  positive: (normal) => Math.abs(normal) * 3 + 1,
  large: (normal) => normal * 300,
  ones: () => 1,
  zeros: () => 0,
  thousands: (normal) => normal * 1000 + 1000,
  huge: (_, isHalf) => (isHalf ? hugeHalf : hugeFloat),
  tiny: (normal) => normal * 1e-7,
  negative: (normal) => -Math.abs(normal) * 1000,
  notNumbers: () => NaN,
  someNotNumbers: (normal) => (normal > 0.8 ? NaN : normal * 5),
  infinite: () => Infinity,
};

/**
 * Whole numbers of a kind are below this one. They may be ids, whose tables end somewhere: what is out of range fails, and other kinds
 * are in it.
 */
const wholeNumbersBelow: Readonly<Record<ProbeKind, number>> = {
  plain: 8,
  positive: 2,
  large: 120,
  ones: 2,
  zeros: 1,
  thousands: 1000,
  huge: 32_000,
  tiny: 3,
  negative: 2,
  notNumbers: 104,
  someNotNumbers: 8,
  infinite: 127,
};

const texts: Readonly<Partial<Record<ProbeKind, string>>> = { plain: 'a', positive: 'b c', ones: 'a', zeros: '' };
const longText = 'x y z '.repeat(3);

/** Part of the truths that are true. */
const truths: Readonly<Partial<Record<ProbeKind, number>>> = { plain: 0.5, positive: 1, ones: 1, zeros: 0 };
const usuallyTrue = 0.7;

/** One made-up row of a kind; the same for the same seed. */
export function probeRow(datatype: Datatype, shape: readonly number[], kind: ProbeKind, seed: number): PackedTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  // Kinds are drawn apart, too.
  const random = randomSource(seed * 16 + Object.keys(probeKinds).indexOf(kind) + 1);
  return { shape, bytes: rowBytes(datatype, count, kind, random) };
}

function rowBytes(datatype: Datatype, count: number, kind: ProbeKind, random: () => number): Uint8Array<ArrayBuffer> {
  if (datatype === 'BYTES') return encodeStringElements(Array.from({ length: count }, () => texts[kind] ?? longText));
  const { byteSize, isFloat } = datatypeInfo(datatype);
  const view = new DataView(new ArrayBuffer(count * byteSize!));
  const drawnBytes = Math.min(view.byteLength, drawnElements * byteSize!);
  for (let at = 0; at < drawnBytes; at += byteSize!) {
    if (isFloat) writeFloat(view, at, datatype, floats[kind](normalFrom(random), datatype === 'FP16'));
    else if (datatype === 'BOOL') view.setUint8(at, random() < (truths[kind] ?? usuallyTrue) ? 1 : 0);
    else writeWhole(view, at, byteSize!, kind === 'ones' ? 1 : Math.floor(random() * wholeNumbersBelow[kind]));
  }
  const bytes = new Uint8Array(view.buffer);
  for (let at = drawnBytes; at < bytes.length; at += drawnBytes)
    bytes.copyWithin(at, 0, Math.min(drawnBytes, bytes.length - at));
  return bytes;
}

/** A normally distributed number (Box and Muller). */
function normalFrom(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Little-endian; what a type of one byte cannot hold wraps to a number that it can. */
function writeWhole(view: DataView, at: number, byteSize: number, value: number): void {
  if (byteSize === 1) view.setUint8(at, value % 128);
  else if (byteSize === 2) view.setUint16(at, value, true);
  else if (byteSize === 4) view.setUint32(at, value, true);
  else view.setBigUint64(at, BigInt(value), true);
}

const word = new DataView(new ArrayBuffer(4));

function writeFloat(view: DataView, at: number, datatype: Datatype, value: number): void {
  if (datatype === 'FP64') view.setFloat64(at, value, true);
  else if (datatype === 'FP32') view.setFloat32(at, value, true);
  else {
    word.setFloat32(0, value);
    const bits = word.getUint32(0);
    view.setUint16(at, datatype === 'BF16' ? bits >>> 16 : toHalf(bits), true);
  }
}

/** Upper bits of a binary32 as a binary16; what is too small becomes 0, what is too large infinity. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 127 + 15;
  const fraction = (bits >>> 13) & 1023;
  if (((bits >>> 23) & 255) === 255) return sign | 0x7c00 | ((bits & 0x7fffff) === 0 ? 0 : 512);
  if (exponent >= 31) return sign | 0x7c00;
  return exponent <= 0 ? sign : sign | (exponent << 10) | fraction;
}

import { datatypeInfo, type Datatype } from '@tributary/contract';

/** The values of a floating-point tensor, row-major. Not for hot paths. */
export function floatValues(datatype: Datatype, bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = datatypeInfo(datatype).byteSize!;
  const read = readerOf(datatype, view);
  return Float64Array.from({ length: view.byteLength / size }, (_, index) => read(index * size));
}

function readerOf(datatype: Datatype, view: DataView): (at: number) => number {
  if (datatype === 'FP64') return (at) => view.getFloat64(at, true);
  if (datatype === 'FP32') return (at) => view.getFloat32(at, true);
  return datatype === 'FP16' ? (at) => halfOf(view.getUint16(at, true)) : (at) => brainOf(view, at);
}

/** IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const word = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a binary32. */
function brainOf(view: DataView, at: number): number {
  word.setUint32(0, view.getUint16(at, true) << 16);
  return word.getFloat32(0);
}

import { datatypeInfo } from './data-type';
import { refusal } from './refusal';
import { elementCount } from './shape';
import { checkStringElements, type CheckedInput } from './string-tensor';
import type { Tensor } from './tensor';

/**
 * Checks everything about a tensor that needs no model: a possible shape, as many bytes as it needs, and sound elements of BOOL
 * and BYTES. Shapes are judged before any byte is looked at.
 * @returns the number of elements
 * @throws TributaryError SHAPE_INVALID, BYTE_SIZE_MISMATCH, BOOL_INVALID, STRING_FRAMING, STRING_COUNT, STRING_INVALID
 */
export function checkTensor(tensor: Tensor, checked: CheckedInput): number {
  const { datatype, shape, bytes } = tensor;
  const { model, input, field } = checked;
  const count = elementCount(shape);
  if (count === undefined) {
    throw refusal(
      'SHAPE_INVALID',
      { model, input, got: shape },
      field === undefined ? {} : { field: `${field}.shape` },
    );
  }
  const { byteSize } = datatypeInfo(datatype);
  if (byteSize === undefined) {
    checkStringElements(bytes, count, checked);
    return count;
  }
  if (bytes.length !== count * byteSize) {
    const args = { model, input, expected: count * byteSize, got: bytes.length };
    throw refusal('BYTE_SIZE_MISMATCH', args, field === undefined ? {} : { field });
  }
  if (datatype === 'BOOL') assertBooleans(bytes, checked);
  return count;
}

/** Checks that every byte is 0 or 1. @throws TributaryError BOOL_INVALID */
export function assertBooleans(bytes: Uint8Array, { model, input, field }: CheckedInput): void {
  const element = bytes.findIndex((byte) => byte > 1);
  if (element === -1) return;
  const args = { model, input, element, got: bytes[element]! };
  throw refusal('BOOL_INVALID', args, field === undefined ? {} : { field });
}

/** Exponent bits, and where an element's top bits are, by datatype. All ones: NaN or infinite. */
const exponents = { FP16: 0x7c00, BF16: 0x7f80, FP32: 0x7f80, FP64: 0x7ff0 } as const;

/**
 * Checks that a tensor of floats has neither NaN nor infinities; tensors of other datatypes pass.
 * @throws TributaryError NON_FINITE
 */
export function assertFinite(tensor: Tensor, { model, input, field }: CheckedInput): void {
  const { datatype, bytes } = tensor;
  if (datatype !== 'FP16' && datatype !== 'BF16' && datatype !== 'FP32' && datatype !== 'FP64') return;
  const byteSize = datatypeInfo(datatype).byteSize!;
  const exponent = exponents[datatype];
  for (let top = byteSize - 2; top < bytes.length; top += byteSize) {
    const bits = bytes[top]! | (bytes[top + 1]! << 8);
    if ((bits & exponent) !== exponent) continue;
    const args = { model, input, element: (top - byteSize + 2) / byteSize };
    throw refusal('NON_FINITE', args, field === undefined ? {} : { field });
  }
}

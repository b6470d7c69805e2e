import { describe, expect, it } from '@jest/globals';
import { float32Values, int64Tensor } from './tensor-values';

describe('float32Values', () => {
  it('reads tensors at any byte offset', () => {
    for (const offset of [0, 1, 4]) {
      const bytes = new Uint8Array(8 + offset);
      const view = new DataView(bytes.buffer, offset);
      view.setFloat32(0, 1.5, true);
      view.setFloat32(4, -2, true);
      const tensor = { datatype: 'FP32', shape: [2], bytes: bytes.subarray(offset) } as const;
      expect([...float32Values(tensor)]).toEqual([1.5, -2]);
    }
  });
});

describe('int64Tensor', () => {
  it('writes little-endian 64-bit values, negative ones included', () => {
    const { bytes } = int64Tensor([3], Int32Array.of(1, -1, 2_147_483_647));
    const view = new DataView(bytes.buffer);
    expect([0, 8, 16].map((at) => view.getBigInt64(at, true))).toEqual([1n, -1n, 2_147_483_647n]);
  });
});

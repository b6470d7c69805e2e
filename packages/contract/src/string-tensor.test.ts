import { expect, it } from '@jest/globals';
import { encodeStringElements } from './string-tensor';

it('writes texts and bytes as a BYTES tensor has them, in memory of its own', () => {
  const bytes = encodeStringElements(['', 'é', Buffer.from([0xff, 0])]);
  expect([...bytes]).toEqual([0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9, 2, 0, 0, 0, 0xff, 0]);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
  expect(encodeStringElements([])).toHaveLength(0);
});

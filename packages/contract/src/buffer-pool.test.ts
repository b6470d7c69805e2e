import { describe, expect, it } from '@jest/globals';
import { BufferPool, minKeptBytes } from './buffer-pool';

const size = minKeptBytes;

describe('buffers that are kept', () => {
  it('hands out again what came back, to one at a time and in its exact length', () => {
    const buffers = new BufferPool(64 * size);
    const first = buffers.take(size).buffer;
    expect(first.byteLength).toBe(size);
    buffers.give(first);
    expect(buffers.take(size + 1).buffer).not.toBe(first);
    expect(buffers.take(size).buffer).toBe(first);
    expect(buffers.take(size).buffer).not.toBe(first);
  });

  it('never keeps more bytes than its bound, and lets the oldest go', () => {
    const buffers = new BufferPool(3 * size);
    const used = Array.from({ length: 5 }, () => buffers.take(size).buffer);
    for (const buffer of used) buffers.give(buffer);
    const again = Array.from({ length: 5 }, () => buffers.take(size).buffer);
    expect(again.filter((buffer) => used.includes(buffer))).toEqual([used[4], used[3], used[2]]);
    buffers.give(new ArrayBuffer(4 * size));
    expect(buffers.take(4 * size).buffer.byteLength).toBe(4 * size);
  });
});

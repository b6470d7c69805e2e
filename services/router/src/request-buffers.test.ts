import { describe, expect, it } from '@jest/globals';
import { RequestBuffers } from './request-buffers';

const slab = 64 * 1024;

describe('memory for long requests', () => {
  it('holds a request whole, and the next one of about its length once it is given back', () => {
    const buffers = new RequestBuffers();
    const first = buffers.gather([Buffer.alloc(slab, 1), Buffer.alloc(10, 2)])!;
    expect(first.equals(Buffer.concat([Buffer.alloc(slab, 1), Buffer.alloc(10, 2)]))).toBe(true);
    const other = buffers.gather([Buffer.alloc(slab + 20, 3)])!;
    expect(other.buffer).not.toBe(first.buffer);
    buffers.giveBack(first);
    const next = buffers.gather([Buffer.alloc(slab + 30, 4)])!;
    expect(next.buffer).toBe(first.buffer);
    expect(next.equals(Buffer.alloc(slab + 30, 4))).toBe(true);
    expect(other.equals(Buffer.alloc(slab + 20, 3))).toBe(true);
  });

  it('leaves short requests where they are: what a socket brought belongs to other calls too', () => {
    const buffers = new RequestBuffers();
    expect(buffers.gather([Buffer.alloc(slab).subarray(0, 100)])).toBeUndefined();
    expect(buffers.gather([])).toBeUndefined();
  });
});

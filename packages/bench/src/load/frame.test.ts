import { describe, expect, it } from '@jest/globals';
import { frameMessage, unframeMessage } from './frame';

describe('gRPC frames', () => {
  it('puts flag and length before the message', () => {
    expect([...frameMessage(Uint8Array.of(7, 8, 9))]).toEqual([0, 0, 0, 0, 3, 7, 8, 9]);
  });

  it.each([0, 1, 255, 256, 70_000])('gives back a message of %d bytes', (length) => {
    const message = Uint8Array.from({ length }, (_, i) => i % 251);
    expect(Buffer.from(unframeMessage(frameMessage(message))!)).toEqual(Buffer.from(message));
  });

  it.each([
    ['nothing', []],
    ['half a prefix', [0, 0, 0]],
    ['a compressed message', [1, 0, 0, 0, 1, 5]],
    ['a message cut short', [0, 0, 0, 0, 2, 5]],
    ['two messages', [0, 0, 0, 0, 1, 5, 0, 0, 0, 0, 1, 5]],
    ['a length with its highest bit set', [0, 0x80, 0, 0, 0, 5]],
  ])('refuses %s', (_, bytes) => {
    expect(unframeMessage(Uint8Array.from(bytes))).toBeUndefined();
  });
});

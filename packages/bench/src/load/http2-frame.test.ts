import { describe, expect, it } from '@jest/globals';
import { contentOf, encodeFrame, encodeSettings, FrameFlag, FrameReader, FrameType, type Frame } from './http2-frame';

const frame = (flags: number, payload: number[], type: number = FrameType.DATA): Frame => ({
  type,
  flags,
  stream: 1,
  payload: Buffer.from(payload),
});

describe('HTTP/2 frames', () => {
  it('are written as the RFC has them', () => {
    const bytes = encodeFrame(FrameType.DATA, FrameFlag.END_STREAM, 0x01020304, Uint8Array.of(9, 8));
    expect([...bytes]).toEqual([0, 0, 2, 0, 1, 1, 2, 3, 4, 9, 8]);
    expect([...encodeSettings([[4, 65536]])]).toEqual([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0]);
  });

  it('are read the same wherever the bytes are cut', () => {
    const first = encodeFrame(FrameType.HEADERS, FrameFlag.END_HEADERS, 3, Uint8Array.of(1, 2, 3));
    const bytes = Buffer.concat([first, encodeFrame(FrameType.DATA, 1, 3, Buffer.alloc(300, 7)), first]);
    for (const size of [1, 2, 8, 9, 10, 100, bytes.length]) {
      const frames: Frame[] = [];
      const reader = new FrameReader();
      for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size), (f) => frames.push(f));
      expect(frames.map(({ type, stream, payload }) => [type, stream, payload.length])).toEqual([
        [FrameType.HEADERS, 3, 3],
        [FrameType.DATA, 3, 300],
        [FrameType.HEADERS, 3, 3],
      ]);
      expect([...frames[2]!.payload]).toEqual([1, 2, 3]);
    }
  });

  it('lose their padding and priority', () => {
    expect([...contentOf(frame(0, [1, 2, 3]))]).toEqual([1, 2, 3]);
    expect([...contentOf(frame(FrameFlag.PADDED, [2, 5, 6, 0, 0]))]).toEqual([5, 6]);
    const both = FrameFlag.PADDED | FrameFlag.PRIORITY;
    expect([...contentOf(frame(both, [1, 0, 0, 0, 0, 0, 42, 0], FrameType.HEADERS))]).toEqual([42]);
  });

  it('are refused where the padding is longer than the frame', () => {
    expect(() => contentOf(frame(FrameFlag.PADDED, [3, 0, 0]))).toThrow(/padding/);
    expect(() => contentOf(frame(FrameFlag.PADDED, []))).toThrow(/padding/);
  });
});

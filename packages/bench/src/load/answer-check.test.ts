import { describe, expect, it } from '@jest/globals';
import { faultOf, floatsAt, integerAt } from './answer-check';

const floats = (...values: number[]): number[] => [...new Uint8Array(Float32Array.from(values).buffer)];
// { 1: "m", 3: { 1: 300 }, 6: floats 1.5, -2 } with a fixed32 and a fixed64 to step over.
const answer = Uint8Array.from([
  ...[0x0a, 1, 0x6d],
  ...[0x15, 0, 0, 0, 0],
  ...[0x1a, 3, 0x08, 0xac, 0x02],
  ...[0x21, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[0x32, 8, ...floats(1.5, -2)],
]);

describe('answer checks', () => {
  it('takes equal bytes and no others', () => {
    expect(faultOf(answer, { kind: 'bytes', expected: answer.slice() })).toBeUndefined();
    expect(faultOf(answer.subarray(1), { kind: 'bytes', expected: answer })).toMatch(/other bytes/);
  });

  it('takes floats within the tolerance and no others', () => {
    const expected = Float32Array.of(1.5001, -2);
    expect(faultOf(answer, { kind: 'floats', path: [6], expected, tolerance: 1e-3 })).toBeUndefined();
    expect(faultOf(answer, { kind: 'floats', path: [6], expected, tolerance: 1e-5 })).toMatch(/element 0/);
    expect(faultOf(answer, { kind: 'floats', path: [6], expected: Float32Array.of(1.5), tolerance: 1 })).toMatch(
      /expected 4 bytes of floats, got 8/,
    );
    expect(faultOf(answer, { kind: 'floats', path: [7], expected, tolerance: 1 })).toMatch(/got none/);
  });

  it('never takes NaN', () => {
    const nan = Uint8Array.from([0x32, 4, ...floats(Number.NaN)]);
    expect(faultOf(nan, { kind: 'floats', path: [6], expected: Float32Array.of(1), tolerance: 1e9 })).toMatch(/NaN/);
  });

  it('reads integers inside messages, absent ones as 0', () => {
    expect(integerAt(answer, [3, 1])).toBe(300);
    expect(integerAt(answer, [3, 2])).toBe(0);
    expect(integerAt(answer, [4, 1])).toBeUndefined();
    expect(faultOf(answer, { kind: 'integer', path: [3, 1], expected: 300 })).toBeUndefined();
    expect(faultOf(answer, { kind: 'integer', path: [3, 1], expected: 301 })).toMatch(/expected 301, got 300/);
  });

  it('reads floats for others to be held against', () => {
    expect([...floatsAt(answer, [6])!]).toEqual([1.5, -2]);
    expect(floatsAt(answer, [1])).toBeUndefined();
  });

  it('finds a fault in every answer cut short, and never throws', () => {
    for (let end = 0; end < answer.length; end++) {
      const check = { kind: 'floats', path: [6], expected: Float32Array.of(1.5, -2), tolerance: 1e-6 } as const;
      expect(faultOf(answer.subarray(0, end), check)).toBeDefined();
    }
  });
});

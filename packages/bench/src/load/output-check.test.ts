import { inference } from '@tributary/contract';
import { describe, expect, it } from '@jest/globals';
import { outputsFault } from './output-check';

function answer(shape: number[], raw: Uint8Array[], typed?: number[]): Uint8Array {
  const contents = typed === undefined ? {} : { contents: { fp32Contents: typed } };
  return inference.ModelInferResponse.encode({
    outputs: [{ name: 'y', datatype: 'FP32', shape, ...contents }],
    rawOutputContents: raw,
  }).finish();
}
const declared = [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }];

describe('outputsFault', () => {
  it('takes raw and typed values that fill the declared shape', () => {
    expect(outputsFault(answer([3, 2], [new Uint8Array(24)]), declared)).toBeUndefined();
    expect(outputsFault(answer([1, 2], [], [1, 2]), declared)).toBeUndefined();
    expect(outputsFault(answer([7], [new Uint8Array(28)]), [{ ...declared[0]!, shape: undefined }])).toBeUndefined();
  });

  it.each([
    ['another rank', answer([2], [new Uint8Array(8)]), 'y is [2], declared [-1,2]'],
    ['another size', answer([1, 3], [new Uint8Array(12)]), 'y is [1,3], declared [-1,2]'],
    ['too few bytes', answer([1, 2], [new Uint8Array(4)]), 'y has 4 bytes for [1,2] of FP32'],
    ['too few values', answer([1, 2], [], [1]), 'y has 1 values for [1,2]'],
    ['no values', answer([1, 2], []), 'y has 0 values for [1,2]'],
    ['no outputs', new Uint8Array(), 'an answer without outputs'],
    ['no message', Uint8Array.of(255), 'the answer is no ModelInferResponse'],
  ])('refuses %s', (_, bytes, fault) => {
    expect(outputsFault(bytes, declared)).toBe(fault);
  });

  it('refuses another name and another datatype', () => {
    const good = answer([1, 2], [new Uint8Array(8)]);
    expect(outputsFault(good, [{ name: 'z', datatype: 'FP32', shape: [1, 2] }])).toBe('no output z');
    expect(outputsFault(good, [{ name: 'y', datatype: 'INT64', shape: [1, 2] }])).toBe('y is FP32, declared INT64');
  });
});

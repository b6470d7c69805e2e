import { describe, expect, it } from '@jest/globals';
import { decodeMessage, tributary, type Int64 } from '@tributary/contract';
import { toSafeId } from './safe-id';

/** A uint64 as a request brings it: the field `user_id`, alone. */
function uint64(value: bigint): Int64 {
  const bytes = [3 << 3];
  for (let rest = value; bytes.length === 1 || rest > 0n; rest >>= 7n)
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  return decodeMessage(tributary.recommendation.v1.RecommendRequest, Uint8Array.from(bytes)).userId!;
}

describe('toSafeId', () => {
  it.each([0, 42, Number.MAX_SAFE_INTEGER])('reads %d', (id) => {
    expect(toSafeId(uint64(BigInt(id)), 'user_id')).toBe(id);
  });

  it.each(['9007199254740992', '9007199254740993', '18446744073709551615'])('case 16: refuses %s', (text) => {
    expect(() => toSafeId(uint64(BigInt(text)), 'user_id')).toThrow(
      expect.objectContaining({ reason: 'ID_OUT_OF_RANGE', details: { field: 'user_id', got: text } }),
    );
  });
});

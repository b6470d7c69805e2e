import type { Int64 } from '@tributary/contract';
import { refusal } from '../refusals';

/**
 * An id out of a uint64 or int64 field as a number. `field` is its path in the request.
 * @throws TributaryError ID_OUT_OF_RANGE below 0 or above 2^53 - 1, where numbers are no longer exact
 */
export function toSafeId(value: Int64, field: string): number {
  const id = typeof value === 'number' ? value : value.toNumber();
  if (!Number.isSafeInteger(id) || id < 0) throw refusal('ID_OUT_OF_RANGE', { field, got: value.toString() });
  return id;
}

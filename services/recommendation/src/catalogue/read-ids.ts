import type { Int64 } from '@tributary/contract';
import { refusal } from '../refusals';
import { toSafeId } from './safe-id';
import type { ItemTable } from './item-table';

/** Most items of a liked list. */
export const maxLiked = 1_000;

/** Most items of a list of exclusions or candidates. */
export const maxItems = 10_000;

/** Row of an item's id. Throws ID_OUT_OF_RANGE and ITEM_UNKNOWN, naming `field`. */
export function rowOfId(id: Int64, field: string, table: ItemTable): number {
  const safe = toSafeId(id, field);
  const row = table.row(safe);
  if (row === undefined) throw refusal('ITEM_UNKNOWN', { field, got: safe });
  return row;
}

/** Rows of a list of ids, in order. Throws LIST_TOO_LONG, and what rowOfId throws naming `field[position]`. */
export function rowsOfIds(ids: readonly Int64[], field: string, maxLength: number, table: ItemTable): number[] {
  if (ids.length > maxLength) throw refusal('LIST_TOO_LONG', { field, expected: maxLength, got: ids.length });
  return ids.map((id, index) => rowOfId(id, `${field}[${index}]`, table));
}

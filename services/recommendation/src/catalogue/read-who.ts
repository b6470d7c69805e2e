import type { Int64 } from '@tributary/contract';
import { refusal } from '../refusals';
import { toSafeId } from './safe-id';
import type { ItemTable } from './item-table';
import { maxLiked, rowsOfIds } from './read-ids';
import type { History } from './user-table';

/** The part of a request that says whom it is for. */
export interface WhoFields {
  readonly who?: 'userId' | 'liked' | undefined;
  readonly userId?: Int64 | null;
  readonly liked?: { readonly itemIds?: readonly Int64[] | null } | null;
}

/** Whose taste is asked about, as rows; each row once. An empty `liked` is a newcomer. */
export function readWho(request: WhoFields, items: ItemTable, users: ReadonlyMap<number, History>): History {
  switch (request.who) {
    case 'userId': {
      const id = toSafeId(request.userId ?? 0, 'user_id');
      const history = users.get(id);
      if (history === undefined) throw refusal('USER_UNKNOWN', { got: id }, { field: 'user_id' });
      return history;
    }
    case 'liked': {
      const rows = rowsOfIds(request.liked?.itemIds ?? [], 'liked.item_ids', maxLiked, items);
      return { liked: [...new Set(rows)], seen: [] };
    }
    case undefined:
      throw refusal('WHO_MISSING', {}, { field: 'who' });
  }
}

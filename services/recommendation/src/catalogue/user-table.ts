import { z } from 'zod';

/** What a user is known by, as rows of the item table, oldest first. */
export interface History {
  /** What the model works from. */
  readonly liked: readonly number[];
  /** Rated but not liked; not recommended again. */
  readonly seen: readonly number[];
}

const rows = z.array(z.int().min(0));
const users = z.record(z.string().regex(/^(0|[1-9][0-9]*)$/), z.strictObject({ liked: rows, seen: rows }));

/** Reads users.json: `{"<userId>": {"liked": [rows], "seen": [rows]}}`. Throws where it is anything else or has a row beyond `rowCount`. */
export function parseUserTable(json: string, rowCount: number): ReadonlyMap<number, History> {
  const table = new Map<number, History>();
  for (const [id, history] of Object.entries(users.parse(JSON.parse(json)))) {
    if ([...history.liked, ...history.seen].some((row) => row >= rowCount)) {
      throw new Error(`user ${id} has a row beyond the ${rowCount} items`);
    }
    table.set(Number(id), history);
  }
  return table;
}

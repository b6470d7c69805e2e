import { z } from 'zod';
import { refusal } from '../refusals';

/** What a user is known by, as rows of the item table, oldest first, each once. */
export interface History {
  /** What the model works from. */
  readonly liked: readonly number[];
  /** Rated but not liked; not recommended again. */
  readonly seen: readonly number[];
}

const userId = z
  .string()
  .refine(
    (key) => /^(0|[1-9][0-9]*)$/.test(key) && Number.isSafeInteger(Number(key)),
    'expected an id from 0 to 2^53 - 1',
  );
const rows = z.array(z.int().min(0));

/** The file of the users: `{"<userId>": {"liked": [rows], "seen": [rows]}}`. */
export const userHistories = z.record(userId, z.strictObject({ liked: rows, seen: rows }));

/** A table of users, and what was put right in it. */
export interface UserTable {
  readonly users: ReadonlyMap<number, History>;
  /** Rows that stood in a history more than once, over all users; each was kept where it stood first. */
  readonly repeated: number;
}

/**
 * Makes a table of the histories, with every row once: a row that stands in `liked` and in `seen` is liked.
 * @param rowCount number of items
 * @param file name of the file, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID where a history has a row beyond the items
 */
export function makeUserTable(histories: z.infer<typeof userHistories>, rowCount: number, file: string): UserTable {
  const users = new Map<number, History>();
  let repeated = 0;
  for (const [id, given] of Object.entries(histories)) {
    const beyond = [...given.liked, ...given.seen].find((row) => row >= rowCount);
    if (beyond !== undefined) {
      const problem = `user ${id} has the row ${beyond}, but there are ${rowCount} items, with rows from 0 to ${rowCount - 1}`;
      throw refusal('MODEL_FILE_INVALID', { file, problem });
    }
    const liked = new Set(given.liked);
    const seen = new Set(given.seen.filter((row) => !liked.has(row)));
    repeated += given.liked.length + given.seen.length - liked.size - seen.size;
    users.set(Number(id), { liked: [...liked], seen: [...seen] });
  }
  return { users, repeated };
}

import { z } from 'zod';
import { refusal } from '../refusals';

/** Something that can be recommended; its place in the table is its row in the model. */
export interface Item {
  readonly id: number;
  readonly title: string;
  /** 0: not known. */
  readonly year: number;
  readonly genres: readonly string[];
  /** How many users have rated it. */
  readonly ratings: number;
}

/** Text goes out in answers, and JSON can write half of a surrogate pair, which no answer can hold. */
const text = z
  .string()
  .refine((value) => !/\p{Surrogate}/u.test(value), 'expected text without halves of surrogate pairs');

/** The file of the items: an array whose element i describes row i. */
export const itemList = z
  .array(
    z.strictObject({
      id: z.int().min(0),
      title: text,
      year: z.int().min(0),
      genres: z.array(text),
      ratings: z.int().min(0),
    }),
  )
  .min(1, 'expected at least one item');

/** The items of a model, by row and by id. */
export class ItemTable {
  private readonly rowOfId: ReadonlyMap<number, number>;
  readonly genres: ReadonlySet<string>;

  /**
   * @param file name of the file that the items are from, for the refusal
   * @throws TributaryError MODEL_FILE_INVALID where two items have the same id
   */
  constructor(
    readonly items: readonly Item[],
    file: string,
  ) {
    const rowOfId = new Map<number, number>();
    for (const [row, { id }] of items.entries()) {
      const other = rowOfId.get(id);
      if (other !== undefined)
        throw refusal('MODEL_FILE_INVALID', {
          file,
          problem: `the items of rows ${other} and ${row} both have the id ${id}`,
        });
      rowOfId.set(id, row);
    }
    this.rowOfId = rowOfId;
    this.genres = new Set(items.flatMap((item) => item.genres));
  }

  /** Row of an id; undefined where there is no such item. */
  row(id: number): number | undefined {
    return this.rowOfId.get(id);
  }

  item(row: number): Item {
    const item = this.items[row];
    if (item === undefined) throw new RangeError(`no item in row ${row}`);
    return item;
  }
}

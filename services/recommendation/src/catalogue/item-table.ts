import { z } from 'zod';

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

const items = z
  .array(
    z.strictObject({
      id: z.int().min(0),
      title: z.string(),
      year: z.int().min(0),
      genres: z.array(z.string()),
      ratings: z.int().min(0),
    }),
  )
  .min(1);

/** The items of a model, by row and by id. */
export class ItemTable {
  private readonly rowOfId: ReadonlyMap<number, number>;
  readonly genres: ReadonlySet<string>;

  constructor(readonly items: readonly Item[]) {
    this.rowOfId = new Map(items.map(({ id }, row) => [id, row]));
    if (this.rowOfId.size !== items.length) throw new Error('the items have ids that are not unique');
    this.genres = new Set(items.flatMap((item) => item.genres));
  }

  /** Reads items.json: an array whose element i describes row i. Throws where it is anything else. */
  static parse(json: string): ItemTable {
    return new ItemTable(items.parse(JSON.parse(json)));
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

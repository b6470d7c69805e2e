import { describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/contract';
import { readJsonFile } from '@tributary/engine/task';
import { itemList, ItemTable } from './item-table';
import { makeUserTable, userHistories, type UserTable } from './user-table';

const film = { id: 7, title: 'Heat (1995)', year: 1995, genres: ['Crime'], ratings: 3 };
const rowCount = 4;

const filesWith = (content: string): { readFile: () => Promise<Buffer> } => ({
  readFile: () => Promise.resolve(Buffer.from(content)),
});

async function readItems(json: string): Promise<ItemTable> {
  return new ItemTable(await readJsonFile(filesWith(json), 'items.json', itemList), 'items.json');
}

async function readUsers(json: string): Promise<UserTable> {
  return makeUserTable(await readJsonFile(filesWith(json), 'users.json', userHistories), rowCount, 'users.json');
}

/** What a table is refused with; fails where it is not. */
async function refusalOf(table: Promise<unknown>): Promise<string> {
  const error: unknown = await table.then(
    () => new Error('was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TributaryError)) throw error;
  expect(error.reason).toBe('MODEL_FILE_INVALID');
  return error.message;
}

describe('the table of items', () => {
  it('finds rows by id and items by row', async () => {
    const table = await readItems(JSON.stringify([film, { ...film, id: 9 }]));
    expect(table.row(9)).toBe(1);
    expect(table.row(8)).toBeUndefined();
    expect(table.item(0).title).toBe('Heat (1995)');
    expect(() => table.item(2)).toThrow(RangeError);
  });

  it.each([
    ['an id twice', [film, film], 'the items of rows 0 and 1 both have the id 7'],
    ['no item', [], 'expected at least one item'],
    ['an unknown field', [{ ...film, price: 1 }], 'Unrecognized key: "price"'],
    ['a missing field', [{ id: 7, title: 'Heat', year: 1995, genres: [] }], '0.ratings: '],
    ['an id that is no whole number', [{ ...film, id: 1.5 }], '0.id: '],
    ['an id that is text', [film, { ...film, id: '7' }], '1.id: '],
    ['a negative id', [{ ...film, id: -1 }], '0.id: '],
    ['an id beyond 2^53 - 1', [{ ...film, id: 2 ** 53 }], '0.id: '],
    ['half of a surrogate pair in a title', [{ ...film, title: 'Heat \ud83d' }], '0.title: expected text'],
    ['no list', { __proto__: null, 7: film }, 'expected array'],
  ])('refuses %s and says where', async (_, items, words) => {
    const message = await refusalOf(readItems(JSON.stringify(items)));
    expect(message).toMatch(/^items\.json cannot be used: /);
    expect(message).toContain(words);
  });

  it.each([
    ['NaN', JSON.stringify([film]).replace('1995,', 'NaN,'), 'it is not JSON'],
    ['a number beyond all numbers', JSON.stringify([film]).replace('"ratings":3', '"ratings":1e999'), '0.ratings: '],
    ['a key twice', JSON.stringify([film]).replace('"id":7', '"id":7,"id":8'), 'the key "id" stands twice'],
  ])('refuses %s', async (_, json, words) => {
    expect(await refusalOf(readItems(json))).toContain(words);
  });

  it('names the first of many faults, and how many more there are', async () => {
    const message = await refusalOf(readItems(JSON.stringify(new Array(100).fill({ ...film, id: 'x' }))));
    expect(message).toContain('0.id: ');
    expect(message).toContain('; and 92 more');
  });
});

describe('the table of users', () => {
  it('has histories by user id', async () => {
    const { users, repeated } = await readUsers('{"12":{"liked":[1],"seen":[0]}}');
    expect(users.get(12)).toEqual({ liked: [1], seen: [0] });
    expect(repeated).toBe(0);
  });

  it('counts a row once that a history has more than once, and tells how many there were', async () => {
    const { users, repeated } = await readUsers('{"12":{"liked":[3,1,3,3],"seen":[0,1,0]}}');
    expect(users.get(12)).toEqual({ liked: [3, 1], seen: [0] });
    expect(repeated).toBe(4);
  });

  it('may be empty', async () => {
    expect((await readUsers('{}')).users.size).toBe(0);
  });

  it.each([
    ['rows beyond the items', '{"12":{"liked":[4],"seen":[]}}', 'user 12 has the row 4, but there are 4 items'],
    ['rows that are no whole numbers', '{"12":{"liked":[0.5],"seen":[]}}', '12.liked.0: '],
    ['rows that are text', '{"12":{"liked":["1"],"seen":[]}}', '12.liked.0: '],
    ['negative rows', '{"12":{"liked":[],"seen":[-1]}}', '12.seen.0: '],
    ['ids that are no numbers', '{"x":{"liked":[],"seen":[]}}', 'expected an id from 0 to 2^53 - 1'],
    ['ids that are one when read as numbers', '{"9007199254740993":{"liked":[],"seen":[]}}', 'expected an id'],
    ['ids with leading zeros', '{"012":{"liked":[],"seen":[]}}', 'expected an id'],
    ['a user twice', '{"12":{"liked":[],"seen":[]},"12":{"liked":[1],"seen":[]}}', 'the key "12" stands twice'],
    ['histories without seen', '{"12":{"liked":[]}}', '12.seen: '],
  ])('refuses %s and says where', async (_, json, words) => {
    const message = await refusalOf(readUsers(json));
    expect(message).toMatch(/^users\.json cannot be used: /);
    expect(message).toContain(words);
  });
});

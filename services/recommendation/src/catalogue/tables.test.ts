import { describe, expect, it } from '@jest/globals';
import { ItemTable } from './item-table';
import { parseUserTable } from './user-table';

const FILM = { id: 7, title: 'Heat (1995)', year: 1995, genres: ['Crime'], ratings: 3 };

describe('ItemTable', () => {
  it('finds rows by id and items by row', () => {
    const table = ItemTable.parse(JSON.stringify([FILM, { ...FILM, id: 9 }]));
    expect(table.row(9)).toBe(1);
    expect(table.row(8)).toBeUndefined();
    expect(table.item(0).title).toBe('Heat (1995)');
    expect(() => table.item(2)).toThrow(RangeError);
  });

  it.each([
    ['an id twice', [FILM, FILM]],
    ['no item', []],
    ['an unknown field', [{ ...FILM, price: 1 }]],
    ['an id that is no whole number', [{ ...FILM, id: 1.5 }]],
  ])('refuses %s', (_, items) => {
    expect(() => ItemTable.parse(JSON.stringify(items))).toThrow();
  });
});

describe('parseUserTable', () => {
  it('reads histories by user id', () => {
    expect(parseUserTable('{"12":{"liked":[1],"seen":[0]}}', 2).get(12)).toEqual({ liked: [1], seen: [0] });
  });

  it.each([
    ['rows beyond the items', '{"12":{"liked":[2],"seen":[]}}'],
    ['ids that are no numbers', '{"x":{"liked":[],"seen":[]}}'],
    ['histories without seen', '{"12":{"liked":[]}}'],
  ])('refuses %s', (_, json) => {
    expect(() => parseUserTable(json, 2)).toThrow();
  });
});

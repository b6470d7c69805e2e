import { describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/contract';
import { itemFilter, type FilterConditions } from './item-filter';
import { ItemTable, type Item } from './item-table';

const item = (id: number, year: number, ...genres: string[]): Item => ({
  id,
  title: `film ${id}`,
  year,
  genres,
  ratings: 1,
});
const table = new ItemTable(
  [item(1, 1990, 'Comedy'), item(2, 1995, 'Comedy', 'Drama'), item(3, 2000, 'Drama'), item(4, 0, 'Horror')],
  'items.json',
);

function passing(conditions: FilterConditions): number[] {
  return table.items.filter(itemFilter(conditions, table)).map(({ id }) => id);
}

function refusalOf(conditions: FilterConditions): { reason: string; field: string | undefined } {
  try {
    itemFilter(conditions, table);
  } catch (error) {
    if (error instanceof TributaryError) return { reason: error.reason, field: error.details.field };
    throw error;
  }
  throw new Error('was not refused');
}

describe('itemFilter', () => {
  it('lets everything pass without conditions', () => {
    expect(passing({})).toEqual([1, 2, 3, 4]);
    expect(passing({ genresAny: [], genresAll: [], yearFrom: 0, yearTo: 0 })).toEqual([1, 2, 3, 4]);
  });

  it('asks for any and for all genres', () => {
    expect(passing({ genresAny: ['Comedy', 'Horror'] })).toEqual([1, 2, 4]);
    expect(passing({ genresAll: ['Comedy', 'Drama'] })).toEqual([2]);
    expect(passing({ genresAny: ['Comedy'], genresAll: ['Drama'] })).toEqual([2]);
  });

  it('bounds years inclusively; an unknown year is in no span', () => {
    expect(passing({ yearFrom: 1995 })).toEqual([2, 3]);
    expect(passing({ yearTo: 1995 })).toEqual([1, 2]);
    expect(passing({ yearFrom: 1995, yearTo: 1995 })).toEqual([2]);
  });

  it('refuses what no item can meet', () => {
    expect(refusalOf({ genresAny: ['Comedy', 'comedy'] })).toEqual({
      reason: 'FILTER_INVALID',
      field: 'filter.genres_any[1]',
    });
    expect(refusalOf({ genresAll: ['__proto__'] })).toEqual({
      reason: 'FILTER_INVALID',
      field: 'filter.genres_all[0]',
    });
    expect(refusalOf({ yearFrom: 2001, yearTo: 2000 })).toEqual({
      reason: 'FILTER_INVALID',
      field: 'filter.year_from',
    });
    expect(refusalOf({ genresAny: new Array<string>(65).fill('Drama') })).toEqual({
      reason: 'LIST_TOO_LONG',
      field: 'filter.genres_any',
    });
  });
});

import { printable } from '@tributary/contract';
import { refusal } from '../refusals';
import type { Item, ItemTable } from './item-table';

/** As in the request: what is absent, an empty list or 0 is no condition. */
export interface FilterConditions {
  readonly genresAny?: readonly string[] | null;
  readonly genresAll?: readonly string[] | null;
  readonly yearFrom?: number | null;
  readonly yearTo?: number | null;
}

const maxGenres = 64;

/**
 * Whether an item may be recommended. Refuses conditions that no item can meet, naming the field: LIST_TOO_LONG, FILTER_INVALID for a
 * genre the table does not have and for years the wrong way round. An item of unknown year meets no condition on years.
 */
export function itemFilter(conditions: FilterConditions, table: ItemTable): (item: Item) => boolean {
  const genresAny = conditions.genresAny ?? [];
  const genresAll = conditions.genresAll ?? [];
  const yearFrom = conditions.yearFrom ?? 0;
  const yearTo = conditions.yearTo ?? 0;
  checkGenres(genresAny, 'filter.genres_any', table);
  checkGenres(genresAll, 'filter.genres_all', table);
  if (yearTo !== 0 && yearFrom > yearTo) {
    throw refusal('FILTER_INVALID', { problem: 'year_from is after year_to' }, { field: 'filter.year_from' });
  }
  const lastYear = yearTo === 0 ? Infinity : yearTo;
  const anyYear = yearFrom === 0 && yearTo === 0;
  return ({ genres, year }) =>
    (genresAny.length === 0 || genresAny.some((genre) => genres.includes(genre))) &&
    genresAll.every((genre) => genres.includes(genre)) &&
    (anyYear || (year !== 0 && year >= yearFrom && year <= lastYear));
}

function checkGenres(genres: readonly string[], field: string, table: ItemTable): void {
  if (genres.length > maxGenres) {
    throw refusal('LIST_TOO_LONG', { field, expected: maxGenres, got: genres.length });
  }
  genres.forEach((genre, index) => {
    if (table.genres.has(genre)) return;
    const details = { field: `${field}[${index}]`, got: printable(genre) };
    throw refusal('FILTER_INVALID', { problem: `there is no genre '${details.got}'` }, details);
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refusalOf, startTestServer, type TestServer } from '@tributary/model-server/testing';

const recommendMethod = 'tributary.recommendation.v1.RecommendationService/Recommend';
const similarItemsMethod = 'tributary.recommendation.v1.RecommendationService/SimilarItems';
const scoreMethod = 'tributary.recommendation.v1.RecommendationService/Score';
const root = join(__dirname, '../../../..');
const model = join(root, 'models/recommendation/movies');

const toyStory = 1;
const heat = 6;
const matrix = 2571;

interface Item {
  readonly id: number;
  readonly genres: readonly string[];
  readonly year: number;
  readonly ratings: number;
}
const items = JSON.parse(readFileSync(join(model, '1/items.json'), 'utf8')) as Item[];
const itemOf = new Map(items.map((item) => [item.id, item]));

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    repository: join(root, 'models/recommendation'),
    tasksModule: join(__dirname, '../tasks/index.js'),
  });
});

afterAll(() => server.close());

type RecommendRequest = Parameters<typeof server.client.call<typeof recommendMethod>>[1];

const ids = (list: readonly { readonly itemId: unknown }[]): number[] => list.map(({ itemId }) => Number(itemId));

const refused = (reason: string, field: string): unknown =>
  expect.objectContaining({ status: 'INVALID_ARGUMENT', reason, field });

describe('Recommend', () => {
  it('answers the example of the model card as its source does', async () => {
    const example = JSON.parse(readFileSync(join(model, 'example.json'), 'utf8')) as {
      readonly request: { readonly user_id: string; readonly k: number };
      readonly tolerance: number;
      readonly expected: {
        readonly items: readonly {
          readonly item_id: string;
          readonly title: string;
          readonly score: number;
          readonly because: readonly { readonly item_id: string; readonly contribution: number }[];
        }[];
      };
    };
    const { user_id: userId, k } = example.request;
    const response = await server.client.call(recommendMethod, { userId: Number(userId), k });
    expect(response).toMatchObject({ modelName: 'movies', modelVersion: '1' });
    expect(ids(response.items).map(String)).toEqual(example.expected.items.map(({ item_id }) => item_id));
    example.expected.items.forEach((expected, place) => {
      const got = response.items[place]!;
      expect(got.title).toBe(expected.title);
      expect(Math.abs(got.score - expected.score)).toBeLessThanOrEqual(example.tolerance);
      expected.because.forEach(({ item_id, contribution }, rank) => {
        expect(String(got.because[rank]!.itemId)).toBe(item_id);
        expect(Math.abs(got.because[rank]!.contribution - contribution)).toBeLessThanOrEqual(example.tolerance);
      });
    });
  });

  it('explains each score: the contributions are the liked items, largest first, and sum to it', async () => {
    const liked = [toyStory, heat, matrix];
    const { items: recommended, basis } = await server.client.call(recommendMethod, { liked: { itemIds: liked } });
    expect(basis).toBe(1);
    expect(recommended).toHaveLength(10);
    for (const { score, because } of recommended) {
      const shares = because.map(({ contribution }) => contribution);
      expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - score)).toBeLessThan(1e-3);
      expect(shares).toEqual([...shares].sort((a, b) => b - a));
      expect(liked).toEqual(expect.arrayContaining(ids(because)));
    }
  });

  it('recommends neither what is known nor what is excluded, and keeps to the filter', async () => {
    const request: RecommendRequest = { liked: { itemIds: [matrix] }, k: 20 };
    const { items: first } = await server.client.call(recommendMethod, request);
    expect(ids(first)).not.toContain(matrix);
    const exclude = ids(first).slice(0, 5);
    const filter = { genresAny: ['Sci-Fi'], genresAll: ['Action'], yearFrom: 1990, yearTo: 1999 };
    const { items: second } = await server.client.call(recommendMethod, { ...request, exclude, filter });
    expect(second.length).toBeGreaterThan(0);
    for (const id of ids(second)) {
      expect(exclude).not.toContain(id);
      const { genres, year } = itemOf.get(id)!;
      expect(genres).toEqual(expect.arrayContaining(['Sci-Fi', 'Action']));
      expect(year >= 1990 && year <= 1999).toBe(true);
    }
  });

  it('case 16: ids that are no ids, or not in the table, are refused by name', async () => {
    const recommend = (request: RecommendRequest): Promise<unknown> =>
      refusalOf(server.client.call(recommendMethod, request));
    expect(await recommend({ userId: -1 })).toEqual(refused('ID_OUT_OF_RANGE', 'user_id'));
    expect(await recommend({ userId: 999_999 })).toEqual(refused('USER_UNKNOWN', 'user_id'));
    expect(await recommend({ liked: { itemIds: [toyStory, heat, matrix, 424_242] } })).toEqual(
      refused('ITEM_UNKNOWN', 'liked.item_ids[3]'),
    );
    expect(await recommend({ liked: { itemIds: [2 ** 53 + 2] } })).toEqual(
      refused('ID_OUT_OF_RANGE', 'liked.item_ids[0]'),
    );
    expect(await recommend({ userId: 1, exclude: [heat, 424_242] })).toEqual(refused('ITEM_UNKNOWN', 'exclude[1]'));
    expect(await recommend({})).toEqual(refused('WHO_MISSING', 'who'));
    expect(await recommend({ userId: 1, k: 0 })).toEqual(refused('K_INVALID', 'k'));
    expect(await recommend({ liked: { itemIds: new Array<number>(1001).fill(heat) } })).toEqual(
      refused('LIST_TOO_LONG', 'liked.item_ids'),
    );
    expect(await recommend({ userId: 1, filter: { genresAny: ['Nothing'] } })).toEqual(
      refused('FILTER_INVALID', 'filter.genres_any[0]'),
    );
  });

  it('case 16: 2^53 + 1 is out of range although numbers cannot tell it from 2^53', async () => {
    // field 3 (user_id), varint of 9007199254740993
    const request = Buffer.from([0x18, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    const { code, details } = await server.client.callBytes(`/${recommendMethod}`, request);
    expect(code).toBe(3);
    expect(details).toContain('9007199254740993');
  });

  it('case 16: an item liked twice counts once', async () => {
    const once = await server.client.call(recommendMethod, { liked: { itemIds: [heat, matrix] } });
    const twice = await server.client.call(recommendMethod, { liked: { itemIds: [heat, matrix, heat] } });
    expect(twice.items).toEqual(once.items);
  });

  it('case 16: a newcomer is answered by popularity, and is told so', async () => {
    const { items: popular, basis } = await server.client.call(recommendMethod, { liked: {}, k: 3 });
    expect(basis).toBe(2);
    const mostRated = [...items].sort((a, b) => b.ratings - a.ratings).slice(0, 3);
    expect(ids(popular)).toEqual(mostRated.map(({ id }) => id));
    expect(popular[0]!.score).toBeCloseTo(mostRated[0]!.ratings / 671, 5);
    expect(popular.every(({ because }) => because.length === 0)).toBe(true);
  });

  it('case 16: more items than there are is all of them', async () => {
    const { items: all } = await server.client.call(recommendMethod, { liked: { itemIds: [heat] }, k: 1_000_000 });
    expect(all).toHaveLength(items.length - 1);
  });

  it('shortens what would explain too much, and says by how much', async () => {
    const itemIds = items.slice(0, 1000).map(({ id }) => id);
    const few = await server.client.call(recommendMethod, { liked: { itemIds }, k: 3 });
    expect(few.items.every(({ becauseOmitted }) => becauseOmitted === 0)).toBe(true);
    const { items: many } = await server.client.call(recommendMethod, { liked: { itemIds }, k: 500 });
    expect(ids(many.slice(0, 3))).toEqual(ids(few.items));
    many.forEach(({ because, becauseOmitted }) => {
      expect(because.length).toBeLessThanOrEqual(400);
      expect(becauseOmitted === 0 || because.length === 400).toBe(true);
      const shares = because.map(({ contribution }) => contribution);
      expect(shares).toEqual([...shares].sort((a, b) => b - a));
    });
    many.slice(0, 3).forEach((shortened, place) => {
      const whole = few.items[place]!.because;
      expect(shortened.because.length + shortened.becauseOmitted).toBe(whole.length);
      const largest = [...whole].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, 400);
      const least = Math.abs(largest.at(-1)!.contribution);
      expect(shortened.because.every(({ contribution }) => Math.abs(contribution) >= least)).toBe(true);
    });
  });
});

describe('SimilarItems', () => {
  it('ranks the neighbours of an item, without the item', async () => {
    const { items: near } = await server.client.call(similarItemsMethod, { itemId: toyStory, k: 5 });
    expect(near[0]!.title).toBe('Toy Story 2 (1999)');
    expect(ids(near)).not.toContain(toyStory);
    expect(near.map(({ score }) => score)).toEqual(near.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('case 16: an unknown item and k = 0 are refused by name', async () => {
    expect(await refusalOf(server.client.call(similarItemsMethod, { itemId: 424_242 }))).toEqual(
      refused('ITEM_UNKNOWN', 'item_id'),
    );
    expect(await refusalOf(server.client.call(similarItemsMethod, { itemId: heat, k: 0 }))).toEqual(
      refused('K_INVALID', 'k'),
    );
  });
});

describe('Score', () => {
  it('scores candidates in the order asked, as Recommend does', async () => {
    const { items: recommended } = await server.client.call(recommendMethod, { userId: 146, k: 3 });
    const candidates = ids(recommended).reverse();
    const { scores, basis } = await server.client.call(scoreMethod, {
      userId: 146,
      candidates: [...candidates, candidates[0]!],
    });
    expect(basis).toBe(1);
    expect(scores).toEqual([...recommended.map(({ score }) => score).reverse(), recommended[2]!.score]);
  });

  it('case 16: nobody, no candidates and unknown candidates are refused by name', async () => {
    const score = (request: Parameters<typeof server.client.call<typeof scoreMethod>>[1]): Promise<unknown> =>
      refusalOf(server.client.call(scoreMethod, request));
    expect(await score({ candidates: [heat] })).toEqual(refused('WHO_MISSING', 'who'));
    expect(await score({ userId: 1 })).toEqual(refused('CANDIDATES_MISSING', 'candidates'));
    expect(await score({ userId: 1, candidates: [heat, 424_242] })).toEqual(refused('ITEM_UNKNOWN', 'candidates[1]'));
  });
});

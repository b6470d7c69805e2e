import { decodeMessage, tributary } from '@tributary/contract';
import { bestIndices, readJsonFile, type TaskContext, type TaskDefinition } from '@tributary/engine/task';
import { z } from 'zod';
import { refusal } from '../refusals';
import { itemFilter } from '../catalogue/item-filter';
import { itemList, ItemTable, type Item } from '../catalogue/item-table';
import { checkGraph, explainScores, scoreItems } from '../catalogue/linear-model';
import { maxItems, rowOfId, rowsOfIds } from '../catalogue/read-ids';
import { readWho } from '../catalogue/read-who';
import { makeUserTable, userHistories, type History } from '../catalogue/user-table';

const {
  Basis,
  RecommendRequest,
  RecommendResponse,
  ScoreRequest,
  ScoreResponse,
  SimilarItemsRequest,
  SimilarItemsResponse,
} = tributary.recommendation.v1;

const recommendMethod = 'tributary.recommendation.v1.RecommendationService/Recommend';
const similarItemsMethod = 'tributary.recommendation.v1.RecommendationService/SimilarItems';
const scoreMethod = 'tributary.recommendation.v1.RecommendationService/Score';

/** Items returned where the request gives no `k`. */
const defaultK = 10;

/** Most contributions of one answer; each takes some 40 bytes with its title, so this is about the largest message. More are left out. */
const maxContributions = 200_000;

const options = z.strictObject({
  /** File of the version folder that describes the items: see itemList. */
  items: z.string().min(1),
  /** File of the version folder with the known users' histories: see userHistories. */
  users: z.string().min(1),
});
type Options = z.infer<typeof options>;

/** Finds items for people with a linear item-to-item model. Graphs: see checkGraph of linear-model. */
export const recommendation: TaskDefinition<Options> = {
  name: 'recommendation',
  methods: [recommendMethod, similarItemsMethod, scoreMethod],
  options,
  async load(model) {
    const files = model.options;
    const items = new ItemTable(await readJsonFile(model, files.items, itemList), files.items);
    const histories = await readJsonFile(model, files.users, userHistories);
    const { users, repeated } = makeUserTable(histories, items.items.length, files.users);
    if (repeated > 0) model.note(`${files.users}: ${repeated} rows stood more than once in a history and count once`);
    checkGraph(model, items.items.length);
    const tables = { items, users, people: countPeople(items, users.size) };
    return {
      methods: new Map([
        [recommendMethod, (request, context) => recommend(tables, request, context)],
        [similarItemsMethod, (request, context) => similarItems(tables, request, context)],
        [scoreMethod, (request, context) => score(tables, request, context)],
      ]),
      async warmUp(context) {
        await scoreItems([0], items.items.length, context);
        await explainScores([0], [0], context);
      },
    };
  },
};

interface Tables {
  readonly items: ItemTable;
  readonly users: ReadonlyMap<number, History>;
  /** How many people the numbers of ratings are shares of. */
  readonly people: number;
}

async function recommend(tables: Tables, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(RecommendRequest, encoded);
  const { items, users } = tables;
  const who = readWho(request, items, users);
  const k = readK(request.k);
  const excluded = rowsOfIds(request.exclude, 'exclude', maxItems, items);
  const passes = itemFilter(request.filter ?? {}, items);
  const hidden = new Set([...who.liked, ...who.seen, ...excluded]);

  const { scores, basis } = await scoresFor(who, tables, context);
  const chosen = bestIndices(scores, k, (row) => !hidden.has(row) && passes(items.item(row)));
  const because = await contributionsTo(chosen, who.liked, items, context);
  return RecommendResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    items: chosen.map((row, place) => ({ ...scored(items.item(row), scores[row]!), ...(because[place] ?? {}) })),
    timing: context.timing(),
    basis,
  }).finish();
}

async function similarItems({ items }: Tables, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(SimilarItemsRequest, encoded);
  const asked = rowOfId(request.itemId, 'item_id', items);
  const k = readK(request.k);
  const scores = await scoreItems([asked], items.items.length, context);
  const nearest = bestIndices(scores, k, (row) => row !== asked);
  return SimilarItemsResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    items: nearest.map((row) => scored(items.item(row), scores[row]!)),
    timing: context.timing(),
  }).finish();
}

async function score(tables: Tables, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(ScoreRequest, encoded);
  const who = readWho(request, tables.items, tables.users);
  if (request.candidates.length === 0) throw refusal('CANDIDATES_MISSING', {}, { field: 'candidates' });
  const candidates = rowsOfIds(request.candidates, 'candidates', maxItems, tables.items);
  const { scores, basis } = await scoresFor(who, tables, context);
  return ScoreResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    scores: candidates.map((row) => scores[row]!),
    timing: context.timing(),
    basis,
  }).finish();
}

/** Scores by row: from what somebody liked; for a newcomer the share of the users who have rated the item. */
async function scoresFor(
  { liked }: History,
  { items, people }: Tables,
  context: TaskContext,
): Promise<{ scores: ArrayLike<number>; basis: tributary.recommendation.v1.Basis }> {
  if (liked.length > 0)
    return { scores: await scoreItems(liked, items.items.length, context), basis: Basis.BASIS_HISTORY };
  return { scores: items.items.map(({ ratings }) => ratings / people), basis: Basis.BASIS_POPULARITY };
}

/** Everybody who can have rated an item: the users, or more where an item has more ratings than there are users. At least one. */
function countPeople({ items }: ItemTable, users: number): number {
  return items.reduce((most, { ratings }) => Math.max(most, ratings), Math.max(1, users));
}

interface Explanation {
  readonly because: { readonly itemId: number; readonly title: string; readonly contribution: number }[];
  readonly becauseOmitted: number;
}

/**
 * For each chosen row: what the liked items add to its score or take from it, largest first; those that do neither are left out.
 * Where all of it would be more than one answer holds, each row keeps the same number of contributions, those of the largest amount.
 */
async function contributionsTo(
  chosen: readonly number[],
  liked: readonly number[],
  items: ItemTable,
  context: TaskContext,
): Promise<Explanation[]> {
  if (chosen.length === 0 || liked.length === 0) return [];
  const most = Math.floor(maxContributions / chosen.length);
  // What is worked out in one run is bounded too.
  const rowsInRun = Math.max(1, Math.floor(maxContributions / liked.length));
  const explanations: Explanation[] = [];
  for (let start = 0; start < chosen.length; start += rowsInRun) {
    const asked = chosen.slice(start, start + rowsInRun);
    const contribution = await explainScores(liked, asked, context);
    for (const askedPlace of asked.keys()) {
      const shares = liked.map((_, likedPlace) => contribution(likedPlace, askedPlace));
      explanations.push(explain(shares, liked, most, items));
    }
  }
  return explanations;
}

function explain(shares: readonly number[], liked: readonly number[], most: number, items: ItemTable): Explanation {
  const telling = shares.reduce((count, share) => count + (share === 0 ? 0 : 1), 0);
  const isKept = telling <= most ? undefined : new Set(bestIndices(shares.map(Math.abs), most));
  const places = bestIndices(shares, shares.length, (place) => shares[place] !== 0 && isKept?.has(place) !== false);
  const because = places.map((place) => {
    const { id, title } = items.item(liked[place]!);
    return { itemId: id, title, contribution: shares[place]! };
  });
  return { because, becauseOmitted: telling - because.length };
}

function readK(k: number | null | undefined): number {
  if (k === 0) throw refusal('K_INVALID', {}, { field: 'k' });
  return k ?? defaultK;
}

function scored({ id, title }: Item, score: number): { itemId: number; title: string; score: number } {
  return { itemId: id, title, score };
}

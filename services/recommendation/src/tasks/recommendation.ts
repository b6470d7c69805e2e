import { decodeMessage, refusal, tributary } from '@tributary/contract';
import { bestIndices, type TaskContext, type TaskDefinition } from '@tributary/engine/task';
import { z } from 'zod';
import { itemFilter } from '../catalogue/item-filter';
import { ItemTable, type Item } from '../catalogue/item-table';
import { checkGraph, explainScores, scoreItems } from '../catalogue/linear-model';
import { MAX_ITEMS, rowOfId, rowsOfIds } from '../catalogue/read-ids';
import { readWho } from '../catalogue/read-who';
import { parseUserTable, type History } from '../catalogue/user-table';

const {
  Basis,
  RecommendRequest,
  RecommendResponse,
  ScoreRequest,
  ScoreResponse,
  SimilarItemsRequest,
  SimilarItemsResponse,
} = tributary.recommendation.v1;

const RECOMMEND = 'tributary.recommendation.v1.RecommendationService/Recommend';
const SIMILAR_ITEMS = 'tributary.recommendation.v1.RecommendationService/SimilarItems';
const SCORE = 'tributary.recommendation.v1.RecommendationService/Score';

/** Items returned where the request gives no `k`. */
const DEFAULT_K = 10;

/** Most contributions of one answer; each takes some 40 bytes with its title, so this is about the largest message. */
const MAX_CONTRIBUTIONS = 200_000;

const options = z.strictObject({
  /** File of the version folder that describes the items: see ItemTable.parse. */
  items: z.string().min(1),
  /** File of the version folder with the known users' histories: see parseUserTable. */
  users: z.string().min(1),
});
type Options = z.infer<typeof options>;

/** Finds items for people with a linear item-to-item model. Graphs: see checkGraph of linear-model. */
export const recommendation: TaskDefinition<Options> = {
  name: 'recommendation',
  methods: [RECOMMEND, SIMILAR_ITEMS, SCORE],
  options,
  async load(model) {
    const items = ItemTable.parse((await model.readFile(model.options.items)).toString('utf8'));
    const userFile = await model.readFile(model.options.users);
    const users = parseUserTable(userFile.toString('utf8'), items.items.length);
    checkGraph(model, items.items.length);
    const tables = { items, users };
    return {
      methods: new Map([
        [RECOMMEND, (request, context) => recommend(tables, request, context)],
        [SIMILAR_ITEMS, (request, context) => similarItems(tables, request, context)],
        [SCORE, (request, context) => score(tables, request, context)],
      ]),
      async warmUp(context) {
        await explainScores([0], [0], context);
      },
    };
  },
};

interface Tables {
  readonly items: ItemTable;
  readonly users: ReadonlyMap<number, History>;
}

async function recommend(tables: Tables, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(RecommendRequest, encoded);
  const { items, users } = tables;
  const who = readWho(request, items, users);
  const k = readK(request.k);
  const excluded = rowsOfIds(request.exclude, 'exclude', MAX_ITEMS, items);
  const passes = itemFilter(request.filter ?? {}, items);
  const hidden = new Set([...who.liked, ...who.seen, ...excluded]);

  const { scores, basis } = await scoresFor(who, tables, context);
  const chosen = bestIndices(scores, k, (row) => !hidden.has(row) && passes(items.item(row)));
  const because = await contributionsTo(chosen, who.liked, items, context);
  return RecommendResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    items: chosen.map((row, place) => ({ ...scored(items.item(row), scores[row]!), because: because[place] ?? [] })),
    timing: context.timing(),
    basis,
  }).finish();
}

async function similarItems({ items }: Tables, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(SimilarItemsRequest, encoded);
  const asked = rowOfId(request.itemId, 'item_id', items);
  const k = readK(request.k);
  const scores = await scoreItems([asked], context);
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
  const candidates = rowsOfIds(request.candidates, 'candidates', MAX_ITEMS, tables.items);
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
  { items, users }: Tables,
  context: TaskContext,
): Promise<{ scores: ArrayLike<number>; basis: tributary.recommendation.v1.Basis }> {
  if (liked.length > 0) return { scores: await scoreItems(liked, context), basis: Basis.BASIS_HISTORY };
  return { scores: items.items.map(({ ratings }) => ratings / users.size), basis: Basis.BASIS_POPULARITY };
}

/** For each chosen row: what every liked item adds to its score or takes from it, largest first; those that do neither are left out. */
async function contributionsTo(
  chosen: readonly number[],
  liked: readonly number[],
  items: ItemTable,
  context: TaskContext,
): Promise<{ itemId: number; title: string; contribution: number }[][]> {
  if (chosen.length === 0 || liked.length === 0) return [];
  const expected = Math.floor(MAX_CONTRIBUTIONS / liked.length);
  if (chosen.length > expected) {
    throw refusal('EXPLANATION_TOO_LARGE', { expected, got: chosen.length }, { field: 'k' });
  }
  const contribution = await explainScores(liked, chosen, context);
  return chosen.map((_, askedPlace) => {
    const shares = liked.map((_, likedPlace) => contribution(likedPlace, askedPlace));
    return bestIndices(shares, shares.length, (place) => shares[place] !== 0).map((place) => {
      const { id, title } = items.item(liked[place]!);
      return { itemId: id, title, contribution: shares[place]! };
    });
  });
}

function readK(k: number | null | undefined): number {
  if (k === 0) throw refusal('K_INVALID', {}, { field: 'k' });
  return k ?? DEFAULT_K;
}

function scored({ id, title }: Item, score: number): { itemId: number; title: string; score: number } {
  return { itemId: id, title, score };
}

import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { onnxModel } from '@tributary/engine/testing';
import { startTestServer, temporaryRepository, type TestServer } from '@tributary/model-server/testing';

const recommendMethod = 'tributary.recommendation.v1.RecommendationService/Recommend';
const rows = 6;
const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Scores of item j for somebody who liked the items i: the sum of i * rows + j + 1 over i; padding adds nothing. */
function linearModel(scoredRows = rows): Uint8Array {
  const table = Float32Array.from({ length: rows * scoredRows }, (_, index) => index + 1);
  const kept = (name: string): { op: string; inputs: string[]; outputs: string[] }[] => [
    { op: 'Max', inputs: [name, 'zero'], outputs: [`${name}_row`] },
    { op: 'GreaterOrEqual', inputs: [name, 'zero'], outputs: [`${name}_kept`] },
    { op: 'Cast', inputs: [`${name}_kept`], outputs: [`${name}_factor`] },
  ];
  return onnxModel({
    inputs: ['liked', 'items'].map((name) => ({ name, datatype: 'INT64', shape: ['batch', name] })),
    outputs: [
      { name: 'scores', datatype: 'FP32', shape: ['batch', scoredRows === rows ? rows : 'scored'] },
      { name: 'contributions', datatype: 'FP32', shape: ['batch', 'liked', 'items'] },
    ],
    nodes: [
      ...kept('liked').map((node) => (node.op === 'Cast' ? { ...node, attributes: [{ name: 'to', int: 1 }] } : node)),
      { op: 'Unsqueeze', inputs: ['liked_factor', 'last'], outputs: ['liked_column'] },
      { op: 'Gather', inputs: ['table', 'liked_row'], outputs: ['liked_scores'] },
      { op: 'Mul', inputs: ['liked_scores', 'liked_column'], outputs: ['shares'] },
      {
        op: 'ReduceSum',
        inputs: ['shares', 'middle'],
        outputs: ['scores'],
        attributes: [{ name: 'keepdims', int: 0 }],
      },
      { op: 'Max', inputs: ['items', 'zero'], outputs: ['items_row'] },
      { op: 'Squeeze', inputs: ['items_row', 'first'], outputs: ['columns'] },
      {
        op: 'Gather',
        inputs: ['shares', 'columns'],
        outputs: ['contributions'],
        attributes: [{ name: 'axis', int: 2 }],
      },
    ],
    initializers: [
      { name: 'table', datatype: 'FP32', shape: [rows, scoredRows], data: table },
      { name: 'zero', datatype: 'INT64', shape: [], data: BigInt64Array.of(0n) },
      { name: 'first', datatype: 'INT64', shape: [1], data: BigInt64Array.of(0n) },
      { name: 'middle', datatype: 'INT64', shape: [1], data: BigInt64Array.of(1n) },
      { name: 'last', datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n) },
    ],
  });
}

async function serverOf(users: unknown, graph = linearModel()): Promise<TestServer> {
  const items = Array.from({ length: rows }, (_, row) => ({
    id: 10 + row,
    title: `item ${row}`,
    year: 2000,
    genres: [],
    ratings: row % 4,
  }));
  const repository = temporaryRepository({
    linear: {
      settings: { task: 'recommendation', options: { items: 'items.json', users: 'users.json' } },
      model: graph,
      files: { '1/items.json': JSON.stringify(items), '1/users.json': JSON.stringify(users) },
    },
  });
  cleanUps.push(() => repository.remove());
  const server = await startTestServer({
    repository: repository.folder,
    tasksModule: join(__dirname, '../tasks/index.js'),
    cpuBudget: 1,
  });
  cleanUps.push(() => server.close());
  return server;
}

describe('stored histories', () => {
  it('count an item once, however often it stands in them', async () => {
    const server = await serverOf({ 1: { liked: [3, 3, 3], seen: [] }, 2: { liked: [3], seen: [3] } });
    const [repeated, once] = await Promise.all(
      [1, 2].map((userId) => server.client.call(recommendMethod, { userId, k: 2 })),
    );
    expect(repeated!.items.map(({ itemId }) => Number(itemId))).toEqual([15, 14]);
    expect(repeated!.items).toEqual(once!.items);
    expect(once!.items[0]!.because).toHaveLength(1);
  });

  it('may be none: popularity is then a share of those who have rated at all', async () => {
    const server = await serverOf({});
    const { items } = await server.client.call(recommendMethod, { liked: {} });
    expect(items.map(({ itemId, score }) => [Number(itemId), Math.round(score * 3)])).toEqual([
      [13, 3],
      [12, 2],
      [11, 1],
      [15, 1],
      [10, 0],
      [14, 0],
    ]);
  });
});

describe('stored tables', () => {
  it('that describe another number of items than the graph scores are refused', async () => {
    const server = await serverOf({}, linearModel(rows + 1));
    expect(server.engine.models()[0]!.reason).toContain(`one score for each of the ${rows} items described`);
  });
});

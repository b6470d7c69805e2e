import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tributary/contract';
import { bestIndices } from '../tasks/best-indices';
import type { Engine } from '../engine';
import { fp32, fp32Values, int64 } from '../testing';
import { output, request, startEngine } from './support';

const models = join(__dirname, '../../../../models');

/** Numbers in [0, 1) that look random and are the same in every run. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Inputs = Readonly<Record<string, Tensor>>;

/** Asks for all at once, then for each alone. Fails the test where none had company. */
async function togetherAndAlone(
  engine: Engine,
  model: string,
  rows: readonly Inputs[],
  outputName: string,
): Promise<{ together: Float32Array; alone: Float32Array }[]> {
  const copies = rows.map(copied);
  const results = await Promise.all(rows.map((inputs) => engine.infer(request(model, inputs, { mayPad: true }))));
  expect(Math.max(...results.map(({ timing }) => timing.batchSize))).toBeGreaterThan(1);
  const pairs: { together: Float32Array; alone: Float32Array }[] = [];
  for (let row = 0; row < rows.length; row++) {
    const alone = await engine.infer(request(model, copies[row]!));
    expect(alone.timing.batchSize).toBe(1);
    pairs.push({
      together: Float32Array.from(fp32Values(output(results[row]!.outputs, outputName))),
      alone: Float32Array.from(fp32Values(output(alone.outputs, outputName))),
    });
  }
  return pairs;
}

function copied(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, { ...tensor, bytes: Uint8Array.from(tensor.bytes) }]),
  );
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    ab += a[index]! * b[index]!;
    aa += a[index]! ** 2;
    bb += b[index]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
}

/** Made-up token ids of one sentence, with `padding` zeros behind them. */
function sentence(random: () => number, tokens: number, padding: number): Inputs {
  const ids = [101, ...Array.from({ length: tokens - 2 }, () => 1000 + Math.floor(random() * 20_000)), 102];
  const zeros = new Array<number>(padding).fill(0);
  const shape = [1, tokens + padding];
  return {
    input_ids: int64(shape, [...ids, ...zeros]),
    attention_mask: int64(shape, [...ids.map(() => 1), ...zeros]),
  };
}

describe('case 26: every shipped model answers alike alone and in company', () => {
  it('bge-small-en: vectors, of sentences of different lengths that share a run', async () => {
    const engine = await startEngine(join(models, 'nlp'));
    const random = randomSource(26);
    const sentences = Array.from({ length: 24 }, () => sentence(random, 3 + Math.floor(random() * 30), 0));
    for (const { together, alone } of await togetherAndAlone(engine, 'bge-small-en', sentences, 'sentence_embedding')) {
      expect(cosine(together, alone)).toBeGreaterThanOrEqual(0.9999);
    }
  });

  it('bge-small-en: vectors, whatever padding the caller adds', async () => {
    const engine = await startEngine(join(models, 'nlp'));
    for (let seed = 0; seed < 6; seed++) {
      const exact = engine.infer(request('bge-small-en', sentence(randomSource(seed), 5 + seed, 0)));
      const padded = engine.infer(request('bge-small-en', sentence(randomSource(seed), 5 + seed, 1 + 7 * seed)));
      const [a, b] = [await exact, await padded].map(({ outputs }) =>
        Float32Array.from(fp32Values(output(outputs, 'sentence_embedding'))),
      );
      expect(cosine(a!, b!)).toBeGreaterThanOrEqual(0.9999);
    }
  });

  it('sentiment: scores and first class', async () => {
    const engine = await startEngine(join(models, 'nlp'));
    const random = randomSource(3);
    const vectors = Array.from({ length: 30 }, () => {
      const values = Array.from({ length: 384 }, () => random() - 0.5);
      const norm = Math.hypot(...values);
      return {
        sentence_embedding: fp32(
          [1, 384],
          values.map((value) => value / norm),
        ),
      };
    });
    const pairs = await togetherAndAlone(engine, 'sentiment', vectors, 'probabilities');
    for (const { together, alone } of pairs) {
      expect(largestDifference(together, alone)).toBeLessThanOrEqual(1e-3);
      expect(bestIndices(together, 1)).toEqual(bestIndices(alone, 1));
    }
  });

  it('efficientnet-lite0: scores and first class', async () => {
    const engine = await startEngine(join(models, 'image'));
    const pictures = Array.from({ length: 4 }, (_, picture) => {
      const bytes = new Uint8Array(224 * 224 * 3);
      for (let at = 0; at < bytes.length; at++) {
        const [x, y] = [Math.floor(at / 3) % 224, Math.floor(at / 672)];
        bytes[at] = 128 + 120 * Math.sin((x * (picture + 1)) / 40 + (at % 3)) * Math.cos((y * (6 - picture)) / 30);
      }
      return { pixels: { datatype: 'UINT8', shape: [1, 224, 224, 3], bytes } as const };
    });
    // By what runs of it cost, requests of this model do not share runs: the rows of one request do.
    const bytes = Buffer.concat(pictures.map(({ pixels }) => pixels.bytes));
    const all = { pixels: { datatype: 'UINT8', shape: [pictures.length, 224, 224, 3], bytes } as const };
    const together = output((await engine.infer(request('efficientnet-lite0', all))).outputs, 'probabilities');
    const classes = together.shape[1]!;
    for (const [row, picture] of pictures.entries()) {
      const { outputs } = await engine.infer(request('efficientnet-lite0', picture));
      const alone = Float32Array.from(fp32Values(output(outputs, 'probabilities')));
      const inCompany = Float32Array.from(fp32Values(together).slice(row * classes, (row + 1) * classes));
      expect(largestDifference(inCompany, alone)).toBeLessThanOrEqual(1e-3);
      expect(bestIndices(inCompany, 1)).toEqual(bestIndices(alone, 1));
    }
  });

  it('movies: scores and first film, of lists of equal length', async () => {
    const engine = await startEngine(join(models, 'recommendation'));
    const random = randomSource(9);
    const ids = (count: number): Tensor =>
      int64(
        [1, count],
        Array.from({ length: count }, () => Math.floor(random() * 2245)),
      );
    const users = Array.from({ length: 24 }, (_, user) => ({ liked: ids(2 ** (user % 3)), items: ids(2) }));
    const pairs = await togetherAndAlone(engine, 'movies', users, 'scores');
    for (const { together, alone } of pairs) {
      expect(largestDifference(together, alone)).toBeLessThanOrEqual(1e-3);
      expect(bestIndices(together, 1)).toEqual(bestIndices(alone, 1));
    }
  });
});

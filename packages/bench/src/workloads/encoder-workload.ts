import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moveWeights } from '@tributary/tune';
import { encoder, vocabularySize } from './encoder-graph';
import { makeTensorWorkload, makeTokenRows, type Site, type TensorWorkload } from './tensor-workload';

/** Tokens of a request where nothing else is said: 256 bytes. */
const usualTokens = 32;
const rowCount = 16;

/** Shape of the input `ids`. */
export const encoderShape: readonly number[] = [1, usualTokens];

/**
 * The encoder in a repository, and requests of one row on it.
 * @param settings model.json
 * @param tokens of a request
 */
export function makeEncoderWorkload(site: Site, settings: object, tokens = usualTokens): Promise<TensorWorkload> {
  return makeTensorWorkload(site, {
    name: 'encoder',
    graph: encoder(),
    settings,
    input: { name: 'ids', datatype: 'INT64', shape: [1, tokens] },
    rows: makeTokenRows(rowCount, tokens, vocabularySize, tokens),
    tolerance: 1e-3,
  });
}

/** The bytes of so many tokens, drawn by a seed. */
export function tokenRow(tokens: number, seed: number): Uint8Array {
  return new Uint8Array(makeTokenRows(1, tokens, vocabularySize, seed)[0]!.buffer);
}

/** The same with the weights in a file of their own, as `tributary tune` stores them. */
export async function makeSharedEncoderWorkload(
  site: Site,
  settings: object,
): Promise<TensorWorkload & { readonly weightBytes: number }> {
  const workload = await makeEncoderWorkload(site, settings);
  const folder = dirname(workload.file);
  const targets = { graph: `${workload.file}.new`, data: join(folder, 'model.data'), location: 'model.data' };
  const moved = moveWeights(workload.file, targets, 0);
  if (moved === undefined) throw new Error('the encoder has no weights');
  renameSync(targets.graph, workload.file);
  return { ...workload, weightBytes: moved.bytes };
}

import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moveWeights } from '@tributary/tune';
import { encoder, vocabularySize } from './encoder-graph';
import { makeTensorWorkload, makeTokenRows, type Site, type TensorWorkload } from './tensor-workload';

/** Tokens of a request: 256 bytes. */
const tokens = 32;
const rowCount = 16;

/** Shape of the input `ids`. */
export const encoderShape: readonly number[] = [1, tokens];

/** The encoder in a repository, and requests of 256 bytes on it. @param settings model.json */
export function makeEncoderWorkload(site: Site, settings: object): Promise<TensorWorkload> {
  return makeTensorWorkload(site, {
    name: 'encoder',
    graph: encoder(),
    settings,
    input: { name: 'ids', datatype: 'INT64', shape: encoderShape },
    rows: makeTokenRows(rowCount, tokens, vocabularySize, 32),
    tolerance: 1e-3,
  });
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

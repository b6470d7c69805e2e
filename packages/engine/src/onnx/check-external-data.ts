import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { refusal } from '@tributary/contract';
import type { ExternalData } from './scan-graph';

/**
 * Checks where a graph has its weights before ONNX Runtime looks there: in whole files, inside the folder of the graph. Synchronous.
 * @param graph real path of model.onnx
 * @param verified real paths of the files whose digests were verified; empty where model.json lists none
 * @throws TributaryError MODEL_UNSUPPORTED, MODEL_FILE_MISSING, MODEL_LOAD_FAILED, MODEL_CONFIG_INVALID
 */
export function checkExternalData(
  graph: string,
  externalData: readonly ExternalData[],
  verified: readonly string[],
): void {
  const sizes = new Map<string, number>();
  for (const { location, offset, length = 0 } of externalData) {
    let size = sizes.get(location);
    if (size === undefined) sizes.set(location, (size = sizeOf(graph, location, verified)));
    if (offset + length > size) {
      const problem = `${location} has ${size} bytes, and the graph has weights there up to byte ${offset + length}`;
      throw refusal('MODEL_LOAD_FAILED', { problem });
    }
  }
}

function sizeOf(graph: string, location: string, verified: readonly string[]): number {
  const folder = dirname(graph);
  const outside = `its weights are in '${location}', which is outside of the version's folder`;
  if (isAbsolute(location) || location.split(/[/\\]/).includes('..'))
    throw refusal('MODEL_UNSUPPORTED', { problem: outside });
  let path: string;
  let size: number | undefined;
  try {
    path = realpathSync(join(folder, location));
    const found = statSync(path);
    if (found.isFile()) size = found.size;
  } catch {
    throw refusal('MODEL_FILE_MISSING', { file: location });
  }
  if (!path.startsWith(folder + sep)) throw refusal('MODEL_UNSUPPORTED', { problem: outside });
  if (size === undefined) throw refusal('MODEL_FILE_MISSING', { file: location });
  if (verified.length > 0 && !verified.includes(path)) {
    const problem = `files gives digests of this version but none of ${location}, where the graph has its weights`;
    throw refusal('MODEL_CONFIG_INVALID', { problem });
  }
  return size;
}

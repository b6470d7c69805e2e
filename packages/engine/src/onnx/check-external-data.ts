import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { refusal } from '@tributary/contract';
import { findFile, findRegularFile, ownRealPath } from '../models/repository/repository-file';
import { graphFile } from '../models/repository/scan-repository';
import type { ExternalData } from './scan-graph';

/**
 * Checks where a graph has its weights before ONNX Runtime looks there: in whole files, in the folder of the graph or, where the
 * graph is a link, in the folder that the link leads to. ONNX Runtime itself keeps to these two.
 * @param graph path of the graph, at least two folders below the repository's own path
 * @param verified paths of the files whose digests were verified; empty where model.json lists none
 * @throws TributaryError MODEL_UNSUPPORTED, MODEL_FILE_MISSING, MODEL_FILE_INVALID, MODEL_LOAD_FAILED, MODEL_CONFIG_INVALID
 */
export async function checkExternalData(
  graph: string,
  externalData: readonly ExternalData[],
  verified: readonly string[],
): Promise<void> {
  const sizes = new Map<string, number>();
  for (const { location, offset, length = 0 } of externalData) {
    let size = sizes.get(location);
    if (size === undefined) sizes.set(location, (size = await sizeOf(graph, location, verified)));
    if (offset + length > size) {
      const problem = `${location} has ${size} bytes, and the graph has weights there up to byte ${offset + length}`;
      throw refusal('MODEL_LOAD_FAILED', { problem });
    }
  }
}

async function sizeOf(graph: string, location: string, verified: readonly string[]): Promise<number> {
  const folder = dirname(graph);
  if (isAbsolute(location) || location.split(/[/\\]/).includes('..')) {
    const problem = `its weights are in '${location}', which is outside of the version's folder`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  const path = join(folder, location);
  // Links of both are followed below the same folder, so that their real paths can be compared.
  const fence = dirname(dirname(basename(folder) === graphFile ? dirname(folder) : folder));
  const weights = await findRegularFile(fence, path, location);
  const { realPath } = await findRegularFile(fence, graph, graphFile);
  const home = (await findFile(fence, folder, 'folder of the graph')).realPath;
  const homes = [home + sep, dirname(realPath) + sep];
  if (!homes.some((home) => weights.realPath.startsWith(home))) {
    const problem = `its weights in '${location}' are a link out of the graph's folder, which ONNX Runtime does not follow`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  // ONNX Runtime looks for weights by the real path of their folder, which leads elsewhere behind another process's root.
  if ((await ownRealPath(folder)) === undefined) {
    const problem = `its weights are in '${location}' of another container, where ONNX Runtime does not find them; keep them in ${graphFile}`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  if (verified.length > 0 && !verified.includes(path)) {
    const problem = `files gives digests of this version but none of ${location}, where the graph has its weights`;
    throw refusal('MODEL_CONFIG_INVALID', { problem });
  }
  return weights.stats.size;
}

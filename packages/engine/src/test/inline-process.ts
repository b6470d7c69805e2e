import { createEngine } from '../create-engine';
import type { EngineLog } from '../engine';
import { fp32 } from '../testing';

/**
 * Serves a repository with the models `tiny`, `slow` and `half`, asks them in company and one by one, and tells what came of it: on
 * jest's own thread ONNX Runtime makes no tensors.
 */

const log = (level: string) => (fields: object, message: string) =>
  console.log(JSON.stringify({ level, message, ...(fields as { model?: string }) }));

async function main(repository: string): Promise<void> {
  const engineLog: EngineLog = { info: log('info'), warn: log('warn'), error: log('error') };
  const engine = await createEngine({ repository, cpuBudget: 2, log: engineLog });
  const batches: object[] = [];
  engine.observe({
    batchRan: ({ model, rows }) => {
      batches.push({ model, rows });
    },
  });
  const ask = async (model: string, first: number, size: number): Promise<number> => {
    const values = Array.from({ length: size }, (_, index) => (index === 0 ? first : 0.5));
    const inputs = new Map([['input', fp32([1, size], values)]]);
    const { outputs } = await engine.infer({ model, inputs, signal: new AbortController().signal });
    const { bytes } = [...outputs.values()][0]!;
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  };
  // Company: the first goes at once, the others of its turn share a batch.
  const together = await Promise.all(Array.from({ length: 20 }, (_, row) => ask('tiny', row, 8)));
  const companyBatches = batches.splice(0);
  const alone: number[] = [];
  for (let row = 0; row < 20; row++) alone.push(await ask('tiny', row, 8));
  const aloneBatches = batches.splice(0);
  const wrongSize = await ask('tiny', 1, 7).catch((error: unknown) => (error as Error).name);
  for (let run = 0; run < 40; run++) await ask('slow', 1, 512);
  await engine.close();
  console.log(JSON.stringify({ together, alone, companyBatches, aloneBatches, wrongSize }));
}

void main(process.argv[2]!);

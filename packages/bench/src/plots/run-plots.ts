import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withBench } from '../bench';
import { describeCommit, describeMachine } from '../machine';
import type { Progress } from '../progress';
import { readRecord } from '../record/record';
import { drawPlots } from './draw-plots';
import { loadSteps, memorySteps, sweepLoad, sweepMemory, sweptModels } from './measure-sweep';
import type { PlotsOptions } from './plots-options';
import type { LoadSweep, Sweep } from './sweep';

/** Measures, unless it is only to draw again; writes what was seen and its plots. Returns the files. */
export async function runPlots(options: PlotsOptions, root: string, progress: Progress): Promise<string[]> {
  const folder = options.out ?? join(root, 'docs/performance');
  const sweepFile = join(folder, 'sweep.json');
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  const write = async (file: string, content: string): Promise<void> => {
    await writeFile(file, content);
    written.push(file);
  };
  if (!options.redraw) await write(sweepFile, `${JSON.stringify(await measure(options, root, progress), null, 2)}\n`);
  const sweep = JSON.parse(await readFile(sweepFile, 'utf8')) as Sweep;
  for (const [name, svg] of drawPlots(sweep, await readRecord(root))) await write(join(folder, name), svg);
  return written;
}

async function measure(options: PlotsOptions, root: string, progress: Progress): Promise<Sweep> {
  const loads: LoadSweep[] = [];
  for (const model of sweptModels) {
    loads.push(
      await withBench(options, root, progress, async (bench) => {
        progress.start(`load on ${model.name}`, loadSteps(options.rounds));
        return sweepLoad(bench, model);
      }),
    );
  }
  const memory = await withBench(options, root, progress, async (bench) => {
    progress.start('memory by lanes', memorySteps);
    return sweepMemory(bench);
  });
  const { node } = process.versions;
  const date = new Date().toISOString();
  return { machine: describeMachine(), node, commit: describeCommit(root), date, loads, memory };
}

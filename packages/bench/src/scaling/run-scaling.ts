import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withBench } from '../bench';
import { describeCommit, describeMachine, type Machine } from '../machine';
import type { Progress } from '../progress';
import { renderTable } from '../text-table';
import { measureScaling, scalingSteps, type ScalingFigure } from './measure-scaling';
import type { ScalingOptions } from './scaling-options';

/** What was measured, and where. */
export interface ScalingReport {
  readonly machine: Machine;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
  readonly figures: readonly ScalingFigure[];
}

/** Measures, and records where that was asked for. */
export async function runScaling(options: ScalingOptions, root: string, progress: Progress): Promise<ScalingReport> {
  const figures = await withBench({ quick: options.quick, rounds: 1 }, root, progress, (bench) => {
    progress.start('scaling', scalingSteps);
    return measureScaling(bench, options);
  });
  const report: ScalingReport = {
    machine: describeMachine(),
    node: process.versions.node,
    commit: describeCommit(root),
    date: new Date().toISOString(),
    figures,
  };
  if (options.record) {
    const file = join(root, 'docs/performance/scaling.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  return report;
}

/** The figures as a table. */
export function renderScaling({ machine, node, commit, figures }: ScalingReport): string {
  const rows = figures.map(({ name, value, unit }) => [name, String(value), unit]);
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${node}, ${commit}`,
    '',
    ...renderTable([['what', 'value', 'unit'], ...rows]),
  ].join('\n');
}

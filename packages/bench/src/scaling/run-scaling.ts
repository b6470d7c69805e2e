import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeCommit, describeMachine, type Machine } from '../machine';
import type { Progress } from '../progress';
import { renderTable } from '../text-table';
import { measureScaling, type ScalingFigures } from './measure-scaling';
import type { ScalingOptions } from './scaling-options';

/** What was measured, and where. */
export interface ScalingReport extends ScalingFigures {
  readonly machine: Machine;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
}

/** Measures, and records where that was asked for and nothing failed. */
export async function runScaling(options: ScalingOptions, root: string, progress: Progress): Promise<ScalingReport> {
  const measured = await measureScaling(options, root, progress);
  const report: ScalingReport = {
    machine: describeMachine(),
    node: process.versions.node,
    commit: describeCommit(root),
    date: new Date().toISOString(),
    ...measured,
  };
  if (options.record && Object.keys(measured.failures).length === 0) {
    const file = join(root, 'docs/performance/scaling.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  }
  return report;
}

/** The figures as a table. */
export function renderScaling({ machine, node, commit, figures, failures }: ScalingReport): string {
  const rows = figures.map(({ name, value, unit }) => [name, String(value), unit]);
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${node}, ${commit}`,
    '',
    ...renderTable([['what', 'value', 'unit'], ...rows]),
    ...Object.entries(failures).map(([part, why]) => `not measured: ${part}: ${why}`),
  ].join('\n');
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KeyName } from '../keys/key';
import type { KeyReport, Report } from '../report';
import { compareWith, type RecordedKey } from './comparison';

/** The figures that every run is compared with. */
export type BenchRecord = Readonly<Partial<Record<KeyName, RecordedKey>>>;

function fileOf(root: string): string {
  return join(root, 'docs/performance/record.json');
}

/** The record of a checkout; empty where there is none. */
export async function readRecord(root: string): Promise<BenchRecord> {
  const text = await readFile(fileOf(root), 'utf8').catch(() => '{}');
  return JSON.parse(text) as BenchRecord;
}

/** Writes the record with a report's figures in the places of their keys. Returns the file. */
export async function writeRecord(root: string, record: BenchRecord, report: Report): Promise<string> {
  const merged = mergeReport(record, report);
  await mkdir(dirname(fileOf(root)), { recursive: true });
  await writeFile(fileOf(root), `${JSON.stringify(merged, null, 2)}\n`);
  return fileOf(root);
}

/** A refused ratio is not recorded: the one before stays. */
export function mergeReport(record: BenchRecord, report: Report): BenchRecord {
  const { cpu, cores } = report.machine;
  const recorded = Object.entries(report.keys)
    .filter(([, { verdict }]) => verdict !== 'refused')
    .map(([name, { ratio, ratios }]): [string, RecordedKey] => [
      name,
      {
        ...{ median: rounded(ratio.median), min: rounded(ratio.min), max: rounded(ratio.max), rounds: ratios.length },
        ...{
          date: report.date.slice(0, 10),
          commit: report.commit,
          machine: `${cpu}, ${cores} cores`,
          node: report.node,
        },
      },
    ]);
  return { ...record, ...(Object.fromEntries(recorded) as BenchRecord) };
}

/** The report with every key beside the record. */
export function compareReport(report: Report, record: BenchRecord): Report {
  const keys = Object.entries(report.keys).map(([name, key]): [string, KeyReport] => {
    const recorded = record[name as KeyName];
    return [name, recorded === undefined ? key : { ...key, comparison: compareWith(recorded, key.ratio, key.target) }];
  });
  return { ...report, keys: Object.fromEntries(keys) };
}

/** Four figures are more than any of these is worth. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

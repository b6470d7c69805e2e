import { resolve } from 'node:path';
import { runBench } from './bench';
import { CommandError, parseCommand, type Command } from './command-line/command';
import type { RunOptions } from './command-line/run-options';
import { runPlots } from './plots/run-plots';
import { Progress } from './progress';
import { compareReport, readRecord, writeRecord } from './record/record';
import { renderReport } from './render-report';
import { exitCodeOf } from './report';
import { renderScaling, runScaling } from './scaling/run-scaling';
import { measureTarget, renderTarget, targetExitCode } from './target/measure-target';

const root = resolve(__dirname, '../../..');
const progress = new Progress(process.stderr);

async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n\n${error.help}\n`);
    return 2;
  }
  try {
    return await carryOut(command);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    return 1;
  }
}

async function carryOut(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(`${command.text}\n`);
      return 0;
    case 'run':
      return run(command.options);
    case 'plots': {
      const files = await runPlots(command.options, root, progress);
      process.stdout.write(`${files.join('\n')}\n`);
      return 0;
    }
    case 'scaling': {
      const report = await runScaling(command.options, root, progress);
      process.stdout.write(`${renderScaling(report)}\n`);
      return Object.keys(report.failures).length === 0 ? 0 : 1;
    }
    case 'target': {
      const report = await measureTarget(command.options, progress);
      process.stdout.write(`${command.options.json ? JSON.stringify(report) : renderTarget(report)}\n`);
      return targetExitCode(report);
    }
  }
}

async function run(options: RunOptions): Promise<number> {
  const record = await readRecord(root);
  const report = compareReport(await runBench(options, root, progress), record);
  process.stdout.write(`${options.json ? JSON.stringify(report) : renderReport(report)}\n`);
  if (options.record) process.stderr.write(`recorded in ${await writeRecord(root, record, report)}\n`);
  return exitCodeOf(report);
}

// A signal ends this process by way of `exit`, where ProcessGroup ends all others.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
void main().then((code) => process.exit(code));

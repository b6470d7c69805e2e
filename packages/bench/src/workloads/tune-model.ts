import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ProcessGroup } from '../process/process-group';

/** Runs `tributary tune` on a model as a user would, before it is served. @returns the plan in a line */
export async function tuneModel(
  { group, root }: { readonly group: ProcessGroup; readonly root: string },
  repository: string,
  model: string,
): Promise<string> {
  const program = join(root, 'packages/cli/dist/main.js');
  const child = spawn(process.execPath, [program, 'tune', model, '--repository', repository, '--quick'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  group.add('tune', child);
  let output = '';
  let problem = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`tributary tune ${model} failed: ${problem.trim().split('\n').at(-1) ?? ''}`);
  const line = output.split('\n').find((text) => text.startsWith('plan: ')) ?? '';
  return `tributary tune ${model}: ${line.slice('plan: '.length).split(';', 1)[0] ?? ''}`;
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** How a process of a test ended. */
export interface EndedProcess {
  /** Parsed JSON lines of its standard output. */
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs a script of this folder with a home folder of its own, and waits for its end.
 * @param group folder of a control group to run in
 */
export function runScript(
  script: string,
  args: readonly string[],
  home: string,
  group?: string,
): Promise<EndedProcess> {
  // Nothing inherited: what turns telemetry off must come from the engine.
  const env = { PATH: process.env['PATH'], HOME: home };
  const command = [process.execPath, join(__dirname, script), ...args];
  // The shell joins the group and becomes the process.
  const joining = group === undefined ? [] : ['sh', '-c', `echo $$ > '${group}/cgroup.procs' && exec "$@"`, 'sh'];
  const [file, ...rest] = [...joining, ...command];
  const child = spawn(file!, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      resolve({ lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stderr, code, signal });
    });
  });
}

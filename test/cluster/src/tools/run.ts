import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Written to its stdin. */
  readonly input?: string;
}

/** A program that ended with another code than 0. */
export class RunError extends Error {}

/**
 * Runs a program to its end.
 * @returns what it wrote to stdout
 * @throws RunError with its last words; the signal's reason where it was aborted
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: 'pipe' });
    let output = '';
    let lastWords = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-4000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new RunError(`${program} ${args.join(' ')}\n${lastWords || output.slice(-4000)}`.trim()));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As `run`, for what may be gone already. */
export async function attempt(program: string, args: readonly string[]): Promise<string | undefined> {
  return run(program, args).catch(() => undefined);
}

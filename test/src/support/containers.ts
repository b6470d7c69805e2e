import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './system';

const execute = promisify(execFile);
const works = (engine: string): boolean => spawnSync(engine, ['version'], { stdio: 'ignore' }).status === 0;

/** docker or podman, as `npm run images` takes it; undefined: neither works here. */
export const engine = ['docker', 'podman'].find(works);

/** How compose is called here, with what it needs: `docker compose`, or the podman-compose that PODMAN_COMPOSE names. */
export const compose: readonly string[] | undefined = findCompose();

function findCompose(): readonly string[] | undefined {
  const podman = process.env.PODMAN_COMPOSE;
  if (engine === 'podman' && podman !== undefined) return [podman];
  const { status } = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' });
  return engine === 'docker' && status === 0 ? ['docker', 'compose'] : undefined;
}

/** How a command of the engine ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** podman leaves a file named oom where it started a container that was killed for its memory: in a folder that git ignores. */
const cwd = join(root, '.tributary');

/** Runs the engine, at most 2 minutes; never rejects because of an exit code. */
export async function outcomeOf(...args: string[]): Promise<Outcome> {
  try {
    const options = { cwd, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };
    return { code: 0, ...(await execute(engine!, args, options)) };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Outcome> & { code?: unknown };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** Runs the engine and returns what it printed. */
export async function contained(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(...args);
  if (code !== 0) throw new Error(`${String(engine)} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

/** Every limit that a cluster may put on a container: no rights, nothing to write to, bounded memory and processes. */
export const restricted = [
  '--read-only',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  '--memory=512m',
  '--pids-limit=200',
  '--tmpfs=/tmp',
];

/** One started container. */
export interface Container {
  /** host:port that reaches `port` of the container from here. */
  address(port: number): Promise<string>;
  /** Runs a program inside. */
  exec(...command: string[]): Promise<Outcome>;
  /** SIGTERM, after 30 s SIGKILL; resolves with the exit code. */
  stop(): Promise<number>;
  /** Resolves with the exit code once it has ended by itself. */
  ended(): Promise<number>;
  log(): Promise<string>;
}

/** Starts containers that are gone at the end: `removeAll` is for afterAll. */
export class Containers {
  private readonly ids: string[] = [];

  /** `options` are the engine's, before the image; `command` follows it. */
  async start(image: string, options: readonly string[] = [], command: readonly string[] = []): Promise<Container> {
    const id = await contained('run', '--detach', ...options, image, ...command);
    this.ids.push(id);
    const ended = async (): Promise<number> => Number(await contained('wait', id));
    return {
      address: async (port) => (await contained('port', id, `${port}/tcp`)).split('\n')[0] ?? '',
      exec: (...program) => outcomeOf('exec', id, ...program),
      stop: async () => {
        await contained('stop', '--time', '30', id);
        return ended();
      },
      ended,
      log: async () => {
        const { stdout, stderr } = await outcomeOf('logs', id);
        return stdout + stderr;
      },
    };
  }

  async removeAll(): Promise<void> {
    if (this.ids.length > 0) await outcomeOf('rm', '--force', '--volumes', ...this.ids.splice(0));
  }
}

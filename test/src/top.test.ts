import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { processNames } from '@tributary/cli';
import { root, useSystem } from './support/system';

const run = promisify(execFile);
const main = join(root, 'packages/cli/dist/main.js');

const hasTerminal = ['script', 'stty'].every((program) => spawnSync(program, ['--version']).status === 0);
if (!hasTerminal) process.stderr.write('skipped: no script and stty here to make a terminal for tributary top\n');

interface Shown {
  readonly processes: readonly { readonly name: string; readonly up: boolean; readonly callsPerSecond: number }[];
  readonly models: readonly { readonly model: string; readonly ready: boolean }[];
  readonly upstreams: readonly { readonly state: string; readonly hop: string }[];
}

describe('tributary top', () => {
  const system = useSystem();
  const addresses = (): string[] => processNames.map((name) => `127.0.0.1:${system.ports(name).metricsPort}`);

  it('--json tells of every process, model and upstream of a system under load', async () => {
    const stop = new AbortController();
    const load = (async () => {
      while (!stop.signal.aborted)
        await system.client('router').call('tributary.nlp.v1.NlpService/Embed', { texts: ['a cat'] });
    })();
    const { stdout } = await run(process.execPath, [main, 'top', ...addresses(), '--json']);
    stop.abort();
    await load;
    const { processes, models, upstreams } = JSON.parse(stdout) as Shown;
    expect(processes.map(({ name, up }) => [name, up])).toEqual(processNames.map((name) => [name, true]));
    expect(processes.find(({ name }) => name === 'nlp')!.callsPerSecond).toBeGreaterThan(0);
    expect(models.map(({ model, ready }) => [model, ready]).sort()).toEqual(
      ['bge-small-en', 'efficientnet-lite0', 'movies', 'sentiment'].map((model) => [model, true]),
    );
    expect(upstreams).toMatchObject(Array.from({ length: 3 }, () => ({ state: 'READY', hop: 'relay' })));
  });

  it('without a terminal it prints one table of at most 80 columns, without colours, and ends with 0', async () => {
    const { stdout } = await run(process.execPath, [main, 'top', ...addresses()]);
    for (const title of ['Processes', 'Models', 'Upstreams']) expect(stdout).toContain(`${title}\n`);
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(stdout).not.toMatch(/\x1b/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  (hasTerminal ? it : it.skip).each([
    ['q', 'q'],
    ['Ctrl-C', '\x03'],
    ['SIGTERM', undefined],
  ])('in a terminal it follows its size, and leaves it as it was on %s', async (_name, key) => {
    const top = `exec ${process.execPath} ${main} top ${addresses().join(' ')}`;
    const line = `stty rows 24 cols 80; tty; stty -g; sh -c 'echo pid $$; ${top}'; echo ended with $?; stty -g`;
    const terminal = spawn('script', ['-qfec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const closed = once(terminal, 'close');
    let shown = '';
    terminal.stdout.on('data', (chunk: Buffer) => (shown += String(chunk)));
    /** Lines of each drawing that is complete. */
    const drawings = (): number[] =>
      shown
        .split('\x1b[H')
        .filter((drawing) => drawing.includes('\x1b[J'))
        .map((drawing) => drawing.split('\n').length);
    const untilDrawn = async (lines: (count: number) => boolean): Promise<void> => {
      while (!lines(drawings().at(-1) ?? 0)) await once(terminal.stdout, 'data');
    };
    try {
      await untilDrawn((count) => count > 8);
      const [device = ''] = /\/dev\/pts\/\d+/.exec(shown) ?? [];
      spawnSync('stty', ['-F', device, 'rows', '8', 'cols', '40']);
      await untilDrawn((count) => count === 8);
      spawnSync('stty', ['-F', device, 'rows', '24', 'cols', '80']);
      await untilDrawn((count) => count > 8);
      if (key === undefined) process.kill(Number(/pid (\d+)/.exec(shown)?.[1]), 'SIGTERM');
      else terminal.stdin.write(key);
      await closed;
    } finally {
      terminal.kill('SIGKILL');
    }
    expect(shown).toContain('ended with 0');
    const [before, after] = [...shown.matchAll(/^[0-9a-f]+(?::[0-9a-f]+){10,}/gm)].map(([modes]) => modes);
    expect(before).toBeDefined();
    expect(after).toBe(before);
    // Nothing is drawn once the screen is given back: lines wrap again, the cursor is there, and what was there before.
    const rest = shown.slice(shown.lastIndexOf('\x1b[J') + '\x1b[J'.length);
    expect(rest.startsWith('\x1b[?7h\x1b[?25h\x1b[?1049l')).toBe(true);
    expect(rest.split('\x1b')).toHaveLength(4);
  });

  it('says in one line where nobody answers', async () => {
    await expect(run(process.execPath, [main, 'top', '127.0.0.1:1'])).rejects.toMatchObject({
      code: 1,
      stderr:
        'tributary: no metrics at 127.0.0.1:1 (ECONNREFUSED); start the system (npm start), name metrics ports, or, where they speak TLS, --ca\n',
    });
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { processNames } from '@tributary/cli';
import { root, useSystem } from './support/system';

const run = promisify(execFile);
const main = join(root, 'packages/cli/dist/main.js');

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

  it('says in one line where nobody answers', async () => {
    await expect(run(process.execPath, [main, 'top', '127.0.0.1:1'])).rejects.toMatchObject({
      code: 1,
      stderr: 'tributary: no metrics at 127.0.0.1:1; start the system (npm start), or name metrics ports\n',
    });
  });
});

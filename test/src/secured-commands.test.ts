import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { processNames, startSystem, type ProcessName, type System } from '@tributary/cli';
import { callerLine } from '@tributary/serve';
import { makeAuthority, type Authority, type Issued } from '@tributary/serve/testing';
import { models, root } from './support/system';

const main = join(root, 'packages/cli/dist/main.js');

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the command line to its end. */
async function tributary(...args: readonly string[]): Promise<End> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [main, ...args])) };
  } catch (error) {
    return error as End;
  }
}

describe('commands on a system with certificates and tokens everywhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-secured-'));
  const at = (name: string): string => join(folder, name);
  let authority: Authority;
  let person: Issued;
  let system: System;

  beforeAll(async () => {
    authority = makeAuthority(folder);
    person = authority.issue('person');
    writeFileSync(at('person.token'), 'shown-by-a-person\n');
    writeFileSync(at('stranger.token'), 'shown-by-a-stranger\n');
    writeFileSync(at('router.token'), 'shown-by-the-router\n');
    writeFileSync(at('callers-of-router'), callerLine('person', 'observe', 'shown-by-a-person'));
    writeFileSync(at('callers-of-services'), callerLine('router', 'infer,observe,forward', 'shown-by-the-router'));
    const listening = (name: ProcessName): string[] => {
      const { cert, key } = authority.issue(name);
      const tls = ['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', authority.ca, '--metrics-tls'];
      return [
        '--secure',
        '--probe-port',
        '0',
        '--callers',
        at(`callers-of-${name === 'router' ? name : 'services'}`),
        ...tls,
      ];
    };
    const { cert, key } = authority.issue('to-services');
    const onwards = ['--upstream-ca', authority.ca, '--upstream-cert', cert, '--upstream-key', key];
    const args = Object.fromEntries(processNames.map((name) => [name, listening(name)])) as Record<
      ProcessName,
      string[]
    >;
    args.router.push(...onwards, '--upstream-token-file', at('router.token'));
    system = await startSystem({ root, models, freePorts: true, env: { ...process.env, NO_COLOR: '1' }, args });
  });
  afterAll(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const tls = (): string[] => ['--ca', authority.ca, '--cert', person.cert, '--key', person.key];
  const routes = (...args: readonly string[]): Promise<End> => tributary('routes', system.address('router'), ...args);
  const top = (...args: readonly string[]): Promise<End> =>
    tributary('top', ...processNames.map((name) => `127.0.0.1:${system.ports(name).metricsPort}`), ...args);

  it('routes shows models and upstreams to who shows a certificate and a token', async () => {
    interface Shown {
      readonly upstreams: readonly { readonly state: string; readonly hop: string }[];
      readonly models: readonly { readonly name: string }[];
    }
    const ask = async (): Promise<Shown> => {
      const { code, stdout, stderr } = await routes('--json', '--token', at('person.token'), ...tls());
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as Shown;
    };
    let shown = await ask();
    while (shown.upstreams.some(({ state }) => state !== 'READY')) shown = await ask();
    expect(shown.upstreams.map(({ hop }) => hop)).toEqual(['relay', 'relay', 'relay']);
    expect(shown.models.map(({ name }) => name).sort()).toEqual([
      'bge-small-en',
      'efficientnet-lite0',
      'movies',
      'sentiment',
    ]);
  });

  it('routes says in one line what is missing: TLS, a certificate, a token, a good one', async () => {
    const bare = ['--ca', authority.ca];
    const address = system.address('router');
    const noConnection = `tributary: no router at ${address}; start one (npm start), name its address (npm run routes -- host:port), or, where it speaks TLS, --ca\n`;
    const asksWho =
      /^tributary: the router at \S+ asks who calls: .*; name a file with a token \(--token\), or a certificate \(--cert, --key\)\n$/;
    expect(await routes()).toMatchObject({ code: 1, stdout: '', stderr: noConnection });
    expect(await routes(...bare, '--token', at('person.token'))).toMatchObject({ code: 1, stderr: noConnection });
    expect(await routes(...tls())).toMatchObject({ code: 1, stderr: expect.stringMatching(asksWho) });
    const stranger = await routes(...tls(), '--token', at('stranger.token'));
    expect(stranger).toMatchObject({ code: 1, stderr: expect.stringMatching(asksWho) });
    expect(stranger.stderr).not.toContain('shown-by-a-stranger');
  });

  it('top reads metrics over TLS', async () => {
    const { code, stdout, stderr } = await top('--json', ...tls());
    expect([code, stderr]).toEqual([0, '']);
    const { processes } = JSON.parse(stdout) as { processes: { name: string; up: boolean }[] };
    expect(processes.map(({ name, up }) => [name, up])).toEqual(processNames.map((name) => [name, true]));
    const named = await top(...tls(), '--server-name', 'elsewhere');
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') });
  });

  it('top says in one line why it gets no metrics', async () => {
    const line =
      /^tributary: no metrics at \S+, \S+, \S+, \S+ \(\S.*\); start the system .*, or, where they speak TLS, --ca\n$/;
    expect(await top()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
    expect(await top('--ca', authority.ca)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
  });

  it.each(['routes', 'top'])('%s says which option of TLS is missing or cannot be used', async (command) => {
    writeFileSync(at('no.pem'), 'no PEM');
    const other = authority.issue('other');
    const faults: readonly (readonly [string[], string])[] = [
      [['--ca', at('none.pem')], `cannot read --ca ${at('none.pem')}: ENOENT`],
      [['--ca', at('no.pem')], `--ca ${at('no.pem')} is no certificate in PEM`],
      [['--ca', authority.ca, '--cert', person.cert], '--cert and --key go together'],
      [['--cert', person.cert, '--key', person.key], '--cert and --server-name need --ca'],
      [
        ['--ca', authority.ca, '--cert', person.cert, '--key', other.key],
        `--cert ${person.cert} and --key ${other.key} are no certificate and its key in PEM`,
      ],
    ];
    for (const [args, fault] of faults) {
      expect(await tributary(command, ...args)).toMatchObject({ code: 1, stdout: '', stderr: `tributary: ${fault}\n` });
    }
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { callerLine } from '@tributary/serve';
import { makeAuthority } from '@tributary/serve/testing';
import { endAll, startRouter } from './router-process';

let folder: string;
/** What closes each door, and what is said where it is missing. */
let doors: readonly { readonly flags: readonly string[]; readonly need: string }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-secure-'));
  const authority = makeAuthority(folder);
  const { cert, key } = authority.issue('router');
  const callers = join(folder, 'callers');
  const token = join(folder, 'token');
  writeFileSync(callers, callerLine('shop', 'infer,observe', 'shown-by-the-shop'));
  writeFileSync(token, 'shown-by-the-router\n');
  doors = [
    {
      flags: ['--tls-cert', cert, '--tls-key', key],
      need: '--tls-cert and --tls-key: calls and tokens travel in the clear',
    },
    { flags: ['--callers', callers], need: '--callers, --jwks-file or --jwks-url: everybody may call' },
    { flags: ['--metrics-tls'], need: '--metrics-tls: the metrics travel in the clear' },
    { flags: ['--metrics-client-ca', authority.ca], need: '--metrics-client-ca: everybody may read the metrics' },
    {
      flags: ['--probe-port', '0'],
      need: '--probe-port: probes have neither certificate nor token for --grpc-port',
    },
    { flags: ['--upstream-ca', authority.ca], need: '--upstream-ca: calls go to the services in the clear' },
    {
      flags: ['--upstream-token-file', token],
      need: '--upstream-cert or --upstream-token-file: the services cannot know the router',
    },
  ];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(endAll);

/** Runs a router to its end. */
async function run(flags: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(__dirname, '..', 'main.js'), ...flags]);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

const needsIn = (stderr: string): string[] =>
  [...stderr.matchAll(/secure needs (.*?)(?: \(--help.*)?$/gm)].map(([, need]) => need!);

describe('a router with --secure', () => {
  it('lists all that is missing with the flags to set, and ends with 1 before it listens', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      // Whoever tried to listen would complain of the port first.
      const { port } = taken.address() as AddressInfo;
      const { code, stdout, stderr } = await run(['--secure', '--grpc-port', String(port), '--metrics-port', '0']);
      expect([code, stdout]).toEqual([1, '']);
      expect(needsIn(stderr)).toEqual(doors.map(({ need }) => need));
      expect(stderr).toMatch(/^router: 7 faults in the settings/);
    } finally {
      taken.close();
    }
  });

  it('asks for each door that is open while the others are closed', async () => {
    const [tls, , metricsTls, metricsClientCa] = doors;
    for (const door of doors) {
      // The metrics cannot have a certificate where there is none, nor ask for one without.
      const leaning = new Map([
        [tls, [metricsTls!, metricsClientCa!]],
        [metricsTls, [metricsClientCa!]],
      ]);
      const open = [door, ...(leaning.get(door) ?? [])];
      const closed = doors.filter((other) => !open.includes(other));
      const { code, stdout, stderr } = await run(['--secure', ...closed.flatMap(({ flags }) => flags)]);
      expect([code, stdout, needsIn(stderr)]).toEqual([1, '', open.map(({ need }) => need)]);
    }
  });

  it('starts where all of them are closed', async () => {
    const flags = ['--secure', ...doors.flatMap((door) => door.flags)];
    const { child } = await startRouter(['127.0.0.1:1'], flags);
    expect(child.exitCode).toBeNull();
  });
});

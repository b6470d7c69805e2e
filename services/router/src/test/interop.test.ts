import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demoKind, echoedKeys } from '@tributary/client/testing';
import { endAll, startDemo, startRouter } from './router-process';

// The cases of gRPC's interop suite through the router, by a client that is not ours.

afterEach(endAll);

const run = promisify(execFile);
const script = join(__dirname, '../../../../test/foreign/interop.py');
const python = process.env['FOREIGN_PYTHON'] ?? 'python3';
const hasPython = spawnSync(python, ['-c', 'import grpc']).status === 0;

describe.each([
  ['auto', 'served'],
  ['plain', 'served'],
  ['auto', 'foreign'],
  ['plain', 'foreign'],
] as const)('interop through the router, with --hop %s before a %s upstream:', (hop, variant) => {
  (hasPython ? it : it.skip)(
    'every case by the C core through Python, compressed requests among them',
    async () => {
      const demo = await startDemo(variant);
      const flags = ['--hop', hop, '--pass-through', `demo.Demo=${demoKind}`];
      const router = await startRouter([demo.address], [...flags, '--forward-metadata', echoedKeys.join(',')]);
      await router.untilReady(1);
      const { stdout } = await run(python, [script, router.address]);
      const cases = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { case: string; fault: string | null });
      expect(cases.filter(({ fault }) => fault !== null)).toEqual([]);
      expect(cases).toHaveLength(20);
      // Nothing is left of those that were cancelled.
      await router.untilRoutes(({ upstreams }) => upstreams.every(({ outstanding }) => outstanding === 0));
    },
    60_000,
  );
});

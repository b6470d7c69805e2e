import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callerLine } from '@tributary/serve';
import { makeMlpWorkload } from '../workloads/mlp';
import { besideSteps, measureBeside } from './beside';
import { atLeast, type Key } from './key';
import { smallLoad } from './small';

/** As long as those that `npm run token` makes. */
const token = 'a-token-of-the-bench'.padEnd(43, 'x');

/** What it costs to ask who calls and what for, where calls are small and many. */
export const accessThroughputRatio: Key = {
  name: 'access.throughput_ratio',
  meaning:
    'MLP 64-256-64-1 by ModelInfer, 4 connections x 32 in flight, a token and a role for its name asked for / neither, side by side on one core',
  target: atLeast(0.97),
  steps: besideSteps,
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench);
    const callers = join(bench.scratch, 'callers');
    // A role for some names is the dearest: each call's model is looked up and compared.
    await writeFile(callers, `${callerLine('bench', 'infer:ml*,observe', token)}\n`);
    const flags = [`--repository=${repository}`];
    const load = smallLoad(requests);
    const metadata = { authorization: `Bearer ${token}` };
    const asking = {
      name: 'service that asks who calls',
      flags: [...flags, `--callers=${callers}`],
      load: { ...load, protocol: { kind: 'grpc', metadata } as const },
    };
    return measureBeside(bench, asking, { name: 'service', flags, load });
  },
};

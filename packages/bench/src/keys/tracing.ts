import { startCollector } from '../servers/collector';
import { makeMlpWorkload } from '../workloads/mlp';
import { besideSteps, measureBeside } from './beside';
import { atLeast, type Key } from './key';
import { smallLoad } from './small';

/** What tracing one call in a hundred costs where calls are small and many. */
export const tracingThroughputRatio: Key = {
  name: 'tracing.throughput_ratio',
  meaning:
    'MLP 64-256-64-1 by ModelInfer, 4 connections x 32 in flight, 1 % of the calls traced / tracing off, side by side on one core',
  target: atLeast(0.98),
  steps: besideSteps,
  async measure(bench) {
    const { repository, requests, plan } = await makeMlpWorkload(bench);
    const collector = await startCollector();
    try {
      const flags = [`--repository=${repository}`];
      const tracing = [`--traces-endpoint=${collector.url}`, '--traces-sampling=0.01'];
      const load = smallLoad(requests);
      const result = await measureBeside(
        bench,
        { name: 'service that traces', flags: [...flags, ...tracing], load },
        { name: 'service', flags, load },
      );
      return { ...result, notes: [plan, `${collector.spans()} spans came to the collector`] };
    } finally {
      collector.close();
    }
  },
};

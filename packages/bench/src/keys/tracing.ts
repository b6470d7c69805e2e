import { startCollector } from '../servers/collector';
import type { Service } from '../servers/service';
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
    const { repository, requests } = await makeMlpWorkload(bench);
    const collector = await startCollector();
    try {
      const flags = [`--repository=${repository}`];
      const tracing = [`--traces-endpoint=${collector.url}`, '--traces-sampling=0.01'];
      const load = smallLoad(requests);
      let lost = 0;
      const onEnd = async (service: Service): Promise<void> => {
        for (const outcome of ['dropped', 'failed'])
          lost += await service.metric('tributary_trace_spans_total', { outcome });
      };
      const result = await measureBeside(
        bench,
        { name: 'service that traces', flags: [...flags, ...tracing], load, onEnd },
        { name: 'service', flags, load },
      );
      return { ...result, notes: [`${collector.spans()} spans came to the collector, ${lost} were lost`] };
    } finally {
      collector.close();
    }
  },
};

import { startCollector } from '../servers/collector';
import { startService } from '../servers/service';
import { makeMlpWorkload } from '../workloads/mlp';
import { atLeast, type Key } from './key';
import { measureSmall, smallLoad, smallSteps, startTensorService } from './small';

/** What tracing one call in a hundred costs where calls are small and many. */
export const tracingThroughputRatio: Key = {
  name: 'tracing.throughput_ratio',
  meaning: 'MLP 64-256-64-1 by ModelInfer, 4 connections x 32 in flight, 1 % of the calls traced / tracing off',
  target: atLeast(0.98),
  steps: smallSteps,
  async measure(bench) {
    const { repository, requests, plan } = await makeMlpWorkload(bench);
    const collector = await startCollector();
    try {
      const flags = [`--repository=${repository}`, `--traces-endpoint=${collector.url}`, '--traces-sampling=0.01'];
      const traced = await startService(bench.group, { ...bench, folder: 'recommendation', flags });
      const plain = await startTensorService(bench, repository);
      const load = smallLoad(requests);
      const above = { server: { ...traced, name: 'service that traces' }, load };
      const result = await measureSmall(bench, above, { server: plain, load });
      const lost = await traced.metric('tributary_trace_spans_total', { outcome: 'dropped' });
      return { ...result, notes: [plan, `${collector.spans()} spans came to the collector, ${lost} were dropped`] };
    } finally {
      collector.close();
    }
  },
};

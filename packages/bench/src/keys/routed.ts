import type { Contestant } from '../measure/contestant';
import { measureRatio } from '../measure/ratio';
import { served, type Load } from '../measure/served';
import { measurementsOf } from '../measure/turns';
import { startRouter } from '../servers/router';
import type { Service } from '../servers/service';
import { makeMlpWorkload } from '../workloads/mlp';
import { aloneLoad } from './alone';
import { atLeast, atMost, windowOf, type Bench, type Key } from './key';
import { measureSmall, smallLoad, smallSteps, startTensorService } from './small';
import { startShippedImage } from './tasks';
import { makePictureMeans, pictureLoad } from './tensors';

/** What the hop over the router costs where calls are small and many. */
export const smallRoutedOverService: Key = {
  name: 'small.routed_over_service',
  meaning: 'MLP 64-256-64-1, 4 connections x 32 in flight, through the router / straight to the service',
  target: atLeast(0.6),
  steps: smallSteps,
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench);
    const service = await startTensorService(bench, repository);
    const router = await startRouter(bench.group, bench, [service]);
    const load = smallLoad(requests);
    return measureSmall(bench, { server: router, load }, { server: service, load });
  },
};

/** What a caller who is alone waits for the router. */
export const aloneRoutedOverDirect: Key = {
  name: 'alone.routed_over_direct',
  meaning: 'p50 of the MLP, one call in flight, through the router / straight to the service',
  target: atMost(1.8),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench, { name: 'mlp', settings: {} });
    const service = await startTensorService(bench, repository);
    return measureRouted(bench, service, aloneLoad(requests), 'p50Ms', 2000);
  },
};

/** What the hop costs where requests are large and next to no work is done on them. */
export const tensor600kRoutedOverService: Key = {
  name: 'tensor600k.routed_over_service',
  meaning:
    '602 KB tensors to a model that takes their mean, 16 in flight, through the router / straight to the service',
  target: atLeast(0.5),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { repository, requests } = await makePictureMeans(bench);
    const service = await startTensorService(bench, repository);
    return measureRouted(bench, service, pictureLoad(requests), 'perSecond', 2000);
  },
};

/** What the hop costs where an answer is work. */
export const imageRoutedOverService: Key = {
  name: 'image.routed_over_service',
  meaning: 'JPEG to classes by ImageService/Classify, 16 in flight, through the router / straight to the service',
  target: atLeast(0.95),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { service, load } = await startShippedImage(bench);
    return measureRouted(bench, service, load, 'perSecond', 4000);
  },
};

/**
 * What the client's direct mode makes of a router and a service that are both there: the client is the load on both sides, so that its
 * own work, which is most, is on both.
 */
export const directClientOverService: Key = {
  name: 'direct.client_over_service',
  meaning:
    'MLP 64-256-64-1, 4 TypeScript clients x 32 in flight, in direct mode by way of the router / straight to the service, by grpc-js',
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench);
    const service = await startTensorService(bench, repository);
    const router = await startRouter(bench.group, bench, [service]);
    const by = (direct: boolean): Load => ({ ...smallLoad(requests), protocol: { kind: 'client', direct } });
    // The calls are the service's, whoever told where it is.
    const direct = { ...service, name: 'client in direct mode', port: router.port };
    const routedBefore = await router.metric('tributary_router_upstream_calls_total', {});
    const result = await measureRatio(
      withItsClients(served(bench.generator, direct, by(true))),
      withItsClients(served(bench.generator, { ...service, name: 'client to the service' }, by(false))),
      { rounds: bench.rounds, window: windowOf(bench, 2000) },
      bench.onMeasured,
    );
    const routed = (await router.metric('tributary_router_upstream_calls_total', {})) - routedBefore;
    return { ...result, notes: [`${routed} calls went by the router, as each client's first ones do`] };
  },
};

/** The load is part of what is measured, and may be its limit. */
function withItsClients(contestant: Contestant): Contestant {
  return {
    name: contestant.name,
    measure: async (window) => {
      const { perSecond, cpuUsPerAnswer, latency, faults } = await contestant.measure(window);
      return { perSecond, faults, ...(cpuUsPerAnswer && { cpuUsPerAnswer }), ...(latency && { latency }) };
    },
  };
}

/** The same load to the same process, by way of the router and without. */
async function measureRouted(
  bench: Bench,
  service: Service,
  load: Load,
  figure: 'perSecond' | 'p50Ms',
  windowMs: number,
): ReturnType<typeof measureRatio> {
  const router = await startRouter(bench.group, bench, [service]);
  return measureRatio(
    served(bench.generator, router, load),
    served(bench.generator, service, load),
    { rounds: bench.rounds, window: windowOf(bench, windowMs), figure },
    bench.onMeasured,
  );
}

import { tributary } from '@tributary/contract';
import type { LoadPlan } from '@tributary/cli';
import { root } from '../support/paths';
import { hasRelease, installRelease } from '../support/release';
import { calledByAll } from './called-by-all';
import { movieCalls, type Drill } from './drill';
import type { Loads, Stage } from './stage';

const { TokenizeRequest, EmbedRequest } = tributary.nlp.v1;
const nlp = '/tributary.nlp.v1.NlpService';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Mostly small questions to the whole system; a sentence is embedded now and then. */
const systemCalls: LoadPlan['calls'] = [
  ...Array.from({ length: 8 }, () => movieCalls).flat(),
  ...Array.from({ length: 7 }, () => ({
    path: `${nlp}/Tokenize`,
    request: base64(TokenizeRequest.encode({ texts: ['still here'] }).finish()),
  })),
  { path: `${nlp}/Embed`, request: base64(EmbedRequest.encode({ texts: ['still here'] }).finish()) },
];

/** Answers between two restarts. */
const answersBetween = 200;

/** One after the other. */
async function restartReplicas(stage: Stage, loads: Loads, newRoot?: string): Promise<void> {
  for (const replica of [...stage.replicas]) {
    await stage.restart(replica, newRoot);
    await loads.answered(answersBetween);
  }
}

/** One after the other, each once every client calls the one before again. */
async function restartRouters(stage: Stage, loads: Loads, newRoot?: string): Promise<void> {
  for (const router of stage.routers) {
    await stage.restart(router, newRoot);
    await calledByAll(router, stage, loads);
  }
}

export const restartOfService: Drill = {
  name: 'rolling restart of a service',
  cases: [44, 48],
  fault: 'every replica in turn gets SIGTERM and is started again once it has ended',
  countedBy: 'routers',
  run: async (stage, loads) => {
    await restartReplicas(stage, loads);
    return [];
  },
};

export const restartOfSystem: Drill = {
  name: 'rolling restart of every service',
  cases: [44, 48],
  fault: 'the same for image, nlp and recommendation, two replicas each',
  stage: { services: { image: 2, nlp: 2, recommendation: 2 } },
  calls: systemCalls,
  countedBy: 'routers',
  run: async (stage, loads) => {
    await restartReplicas(stage, loads);
    return [];
  },
};

export const restartOfRouters: Drill = {
  name: 'rolling restart of the routers',
  cases: [44, 72],
  fault: 'both routers in turn get SIGTERM and are started again once they have ended',
  countedBy: 'services',
  run: async (stage, loads) => {
    await restartRouters(stage, loads);
    return [];
  },
};

export const upgrade: Drill = {
  name: 'rolling upgrade from 0.1.0',
  cases: [68, 69],
  fault:
    'three replicas and two routers of release 0.1.0 are replaced one by one, replicas first, and once the other way round',
  countedBy: 'nobody',
  missing: () => (hasRelease ? undefined : 'this clone lacks the commit of version 0.1.0; git fetch --unshallow'),
  run: async (stage, loads) => {
    const old = await installRelease();
    await restartRouters(stage, loads, old);
    await restartReplicas(stage, loads, old);
    await restartReplicas(stage, loads, root);
    await restartRouters(stage, loads, root);
    return [];
  },
};

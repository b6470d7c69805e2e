import { installPeer } from '../peers/install-peer';
import { peers, type PeerName } from '../peers/peer';
import { startPeer, type PeerSettings } from '../peers/start-peer';
import { measureRatio } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startService } from '../servers/service';
import { encoderShape, makeEncoderWorkload } from '../workloads/encoder-workload';
import { makeMlpWorkload } from '../workloads/mlp';
import { pictureShape } from '../workloads/picture-graphs';
import { modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import { atLeast, windowOf, type Bench, type Key, type PeerKeyName } from './key';
import { makeConvolutions } from './tensors';

/** Work that both sides do. */
interface Work {
  readonly model: string;
  readonly shape: readonly number[];
  readonly connections: number;
  readonly inFlightPerConnection: number;
  readonly windowMs: number;
  readonly says: string;
  make(bench: Bench): Promise<TensorWorkload>;
}

/** Tokens of the shorter requests to the encoder. */
const shortTokens = 8;

type WorkName = 'small' | 'tensor600k' | 'encoder32' | 'encoder8' | 'alone';

const works: Readonly<Record<WorkName, Work>> = {
  small: {
    ...{ model: 'mlp', shape: [1, 64], connections: 4, inFlightPerConnection: 32, windowMs: 2000 },
    says: 'MLP 64-256-64-1, 128 in flight',
    make: (bench) => makeMlpWorkload(bench),
  },
  tensor600k: {
    ...{ model: 'convolution', shape: pictureShape, connections: 4, inFlightPerConnection: 4, windowMs: 3000 },
    says: '602 KB tensors to MobileNetV2, 16 in flight',
    make: makeConvolutions,
  },
  encoder32: {
    ...{ model: 'encoder', shape: encoderShape, connections: 4, inFlightPerConnection: 8, windowMs: 3000 },
    says: 'encoder of 6 layers, 32 tokens, 32 in flight',
    make: (bench) => makeEncoderWorkload(bench, {}),
  },
  encoder8: {
    ...{ model: 'encoder', shape: [1, shortTokens], connections: 4, inFlightPerConnection: 8, windowMs: 3000 },
    says: `encoder of 6 layers, ${shortTokens} tokens, 32 in flight`,
    make: (bench) => makeEncoderWorkload(bench, {}, shortTokens),
  },
  alone: {
    ...{ model: 'mlp', shape: [1, 64], connections: 1, inFlightPerConnection: 1, windowMs: 2000 },
    says: 'p50 of the MLP, one in flight',
    make: (bench) => makeMlpWorkload(bench, { name: 'mlp', settings: {} }),
  },
};

/** What was found best for each peer and work, of workers (processes, instances) and threads on two cores. */
const bestSettings: Readonly<Record<PeerName, Readonly<Record<WorkName, PeerSettings>>>> = {
  mlserver: {
    small: { workers: 1, threads: 2, maxBatchSize: 1 },
    tensor600k: { workers: 1, threads: 2, maxBatchSize: 1 },
    encoder32: { workers: 2, threads: 1, maxBatchSize: 1 },
    encoder8: { workers: 2, threads: 1, maxBatchSize: 1 },
    alone: { workers: 1, threads: 2, maxBatchSize: 1 },
  },
  pytriton: {
    small: { workers: 2, threads: 1, maxBatchSize: 64 },
    tensor600k: { workers: 2, threads: 1, maxBatchSize: 8 },
    encoder32: { workers: 2, threads: 1, maxBatchSize: 16 },
    encoder8: { workers: 2, threads: 1, maxBatchSize: 16 },
    alone: { workers: 1, threads: 2, maxBatchSize: 64 },
  },
  fastapi: {
    small: { workers: 2, threads: 1, maxBatchSize: 1 },
    tensor600k: { workers: 2, threads: 1, maxBatchSize: 1 },
    encoder32: { workers: 2, threads: 1, maxBatchSize: 1 },
    encoder8: { workers: 2, threads: 1, maxBatchSize: 1 },
    alone: { workers: 2, threads: 1, maxBatchSize: 1 },
  },
};

/** The ratios to servers that others use, in the order of the table. */
export const peerKeys: readonly Key[] = [
  peerKey('peers.mlserver.small', 'mlserver', 'small', 5),
  peerKey('peers.mlserver.tensor600k', 'mlserver', 'tensor600k', 2.5),
  peerKey('peers.mlserver.encoder32', 'mlserver', 'encoder32', 1.4),
  peerKey('peers.mlserver.alone_p50', 'mlserver', 'alone', 1),
  peerKey('peers.pytriton.small', 'pytriton', 'small', 3),
  peerKey('peers.pytriton.tensor600k', 'pytriton', 'tensor600k', 1.05),
  peerKey('peers.pytriton.encoder32', 'pytriton', 'encoder32', 1.05),
  peerKey('peers.pytriton.alone_p50', 'pytriton', 'alone', 1),
  peerKey('peers.fastapi.small', 'fastapi', 'small', 1.3),
  peerKey('encoder8.over_pytriton', 'pytriton', 'encoder8', 1.05),
];

function peerKey(name: PeerKeyName, peerName: PeerName, workName: WorkName, target: number): Key {
  const peer = peers[peerName];
  const work = works[workName];
  const alone = workName === 'alone';
  return {
    name,
    meaning: `${work.says}: ${alone ? `${peer.title} / ours` : `ours / ${peer.title}`}`,
    target: atLeast(target),
    steps: ({ rounds }) => measurementsOf(rounds),
    async measure(bench) {
      const python = await installPeer(bench.group, peer, bench.root, bench.progress);
      bench.progress.start(name, measurementsOf(bench.rounds));
      const workload = await work.make(bench);
      const ownLoad: Load = {
        path: modelInferPath,
        requests: workload.requests,
        connections: work.connections,
        mode: { kind: 'closed', inFlightPerConnection: work.inFlightPerConnection },
      };
      const load = peer.protocol === 'grpc' ? ownLoad : binaryBodies(work, workload);
      const flags = [`--repository=${workload.repository}`];
      const ours = await startService(bench.group, { ...bench, folder: 'recommendation', flags });
      const theirs = await startPeer(bench.group, {
        ...{ peer, python, root: bench.root, scratch: bench.scratch, load },
        model: { name: work.model, file: workload.file },
        settings: bestSettings[peerName][workName],
      });
      const sides = [
        { ...served(bench.generator, ours, ownLoad), name: 'tributary' },
        served(bench.generator, theirs, load),
      ] as const;
      const [numerator, denominator] = alone ? [sides[1], sides[0]] : sides;
      const window = windowOf(bench, work.windowMs);
      const figure = alone ? 'p50Ms' : 'perSecond';
      return measureRatio(numerator, denominator, { rounds: bench.rounds, window, figure }, bench.onMeasured);
    },
  };
}

/** HTTP/1.1 has one call at a time on a connection: as many calls in flight need as many connections. */
function binaryBodies({ shape, connections, inFlightPerConnection }: Work, workload: TensorWorkload): Load {
  return {
    protocol: { kind: 'http1', headers: [`x-shape: ${shape.join(',')}`] },
    path: '/infer',
    requests: workload.bareRequests,
    connections: connections * inFlightPerConnection,
    mode: { kind: 'closed', inFlightPerConnection: 1 },
  };
}

import { encodeModelInferResponse } from '@tributary/contract';
import { frameMessage } from '../load/frame';
import { callOnce } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import type { Contestant } from '../measure/contestant';
import { measureRatio } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startDoorServer, startEchoServer } from '../servers/echo-server';
import { convolutionNetwork, pictureMean, pictureShape } from '../workloads/picture-graphs';
import { makePictureRows, makeTensorWorkload, modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import { atLeast, windowOf, type Bench, type Key, type KeyResult } from './key';
import { startTensorService } from './small';
import { allArrangements, measureServedOverBare, stepsOf } from './served-over-bare';

/** 16 calls in flight. */
const connections = 4;
const inFlightPerConnection = 4;
const pictureCount = 8;
const pictureValues = pictureShape.reduce((product, size) => product * size, 1);

/** What 602 KB cost on their way to a handler: both sides answer the same bytes and do nothing else. */
export const transport600k: Key = {
  name: 'transport600k.service_over_default',
  meaning: '602 KB requests to our server, 4 connections x 4 in flight / grpc-js, same bytes, no work on either side',
  target: atLeast(1.6),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { requests } = await makePictureMeans(bench);
    const answer = emptyAnswer();
    const ours = await startDoorServer(bench.group, { path: modelInferPath, answer });
    const echo = await startEchoServer(bench.group, { path: modelInferPath, answer });
    const load = pictureLoad(echoed(requests, answer));
    return measureAgainst(bench, served(bench.generator, ours, load), served(bench.generator, echo, load));
  },
};

/** The same where our side also does what a model needs: one copy, a hop to a session lane, a run, an answer of its own. */
export const transport600kModel: Key = {
  name: 'transport600k.model_over_default',
  meaning: '602 KB tensors to a model that takes their mean / grpc-js, same bytes, no work',
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { repository, requests } = await makePictureMeans(bench);
    const service = await startTensorService(bench, repository);
    const answer = await callOnce(service.port, modelInferPath, frameMessage(requests[0]!.message));
    const echo = await startEchoServer(bench.group, { path: modelInferPath, answer });
    return measureAgainst(
      bench,
      served(bench.generator, service, pictureLoad(requests)),
      served(bench.generator, echo, pictureLoad(echoed(requests, answer))),
    );
  },
};

/** What serving costs where large tensors meet a network of some milliseconds. */
export const tensor600kServedOverBare: Key = {
  name: 'tensor600k.served_over_bare',
  meaning: '602 KB tensors to MobileNetV2 by ModelInfer, 16 in flight / session.run alone',
  target: atLeast(0.8),
  steps: (bench) => stepsOf(bench, allArrangements),
  async measure(bench) {
    const workload = await makeConvolutions(bench);
    return measureServedOverBare(bench, {
      service: { folder: 'recommendation', repository: workload.repository },
      load: pictureLoad(workload.requests),
      bare: {
        model: { kind: 'tensors', file: workload.file, datatype: 'FP32', shape: pictureShape },
        requests: workload.bareRequests,
        arrangements: allArrangements,
        depth: 1,
      },
      windowMs: 3000,
    });
  },
};

/** 16 calls in flight over 4 connections. */
export function pictureLoad(requests: readonly LoadRequest[]): Load {
  return { path: modelInferPath, requests, connections, mode: { kind: 'closed', inFlightPerConnection } };
}

function measureAgainst(bench: Bench, above: Contestant, below: Contestant): Promise<KeyResult> {
  const plan = { rounds: bench.rounds, window: windowOf(bench, 2000) };
  return measureRatio(above, below, plan, bench.onMeasured);
}

/** The same requests to a server that answers every one alike. */
function echoed(requests: readonly LoadRequest[], expected: Uint8Array): LoadRequest[] {
  return requests.map(({ message }) => ({ message, check: { kind: 'bytes', expected } }));
}

/** What a server says that does no work: a ModelInferResponse with one number. */
function emptyAnswer(): Uint8Array {
  const output = { name: 'mean', datatype: 'FP32' as const, shape: [1, 1], bytes: new Uint8Array(4) };
  return encodeModelInferResponse({ modelName: 'picture-mean', modelVersion: '1', id: '', outputs: [output] });
}

/** A model that takes the mean of a tensor of 602 KB, and requests on it. */
export function makePictureMeans(bench: Bench): Promise<TensorWorkload> {
  return makePictures(bench, 'picture-mean', pictureMean(), 1e-3);
}

/** MobileNetV2 with drawn weights, and requests of 602 KB on it. */
export function makeConvolutions(bench: Bench): Promise<TensorWorkload> {
  return makePictures(bench, 'convolution', convolutionNetwork(), 1e-4);
}

function makePictures(bench: Bench, name: string, graph: Uint8Array, tolerance: number): Promise<TensorWorkload> {
  return makeTensorWorkload(bench, {
    ...{ name, graph, tolerance },
    settings: {},
    input: { name: 'picture', datatype: 'FP32', shape: pictureShape },
    rows: makePictureRows(pictureCount, pictureValues, 600),
  });
}

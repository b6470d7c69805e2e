import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultOf } from '../load/answer-check';
import { ProcessGroup } from '../process/process-group';
import { encoder, vocabularySize } from '../workloads/encoder-graph';
import { convolutionNetwork, pictureMean, pictureShape } from '../workloads/picture-graphs';
import {
  makePictureRows,
  makeTensorWorkload,
  makeTokenRows,
  type Site,
  type TensorModel,
} from '../workloads/tensor-workload';
import { wideAnswer, wideAnswerValues } from '../workloads/wide-answer';

let folder: string;
const group = new ProcessGroup();
const site = (): Site => ({ group, scratch: folder });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pictures = makePictureRows(3, 3 * 224 * 224, 1);
const pictureModel = (name: string, graph: Uint8Array): TensorModel => ({
  ...{ name, graph, settings: {}, tolerance: 1e-3 },
  input: { name: 'picture', datatype: 'FP32', shape: pictureShape },
  rows: pictures,
});

describe('the graphs of the bench', () => {
  it('take the mean of a picture, of which no byte may be missing', async () => {
    const { bareRequests } = await makeTensorWorkload(site(), pictureModel('mean', pictureMean()));
    const picture = pictures[1]!;
    const mean = picture.reduce((sum, value) => sum + value, 0) / picture.length;
    const { check } = bareRequests[1]!;
    expect(faultOf(new Uint8Array(Float32Array.of(mean).buffer), check)).toBeUndefined();
    expect(faultOf(new Uint8Array(Float32Array.of(mean * 1.1).buffer), check)).toBeDefined();
  });

  it('classify pictures by convolutions, each picture otherwise', async () => {
    const { requests } = await makeTensorWorkload(site(), pictureModel('network', convolutionNetwork()));
    const { check } = requests[0]!;
    if (check.kind !== 'floats') throw new Error('floats were expected');
    expect(check.expected).toHaveLength(1000);
    expect(check.expected.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('answer a small question with megabytes', async () => {
    const { requests } = await makeTensorWorkload(site(), {
      ...{ name: 'wide-answer', graph: wideAnswer(), settings: {}, tolerance: 1e-6 },
      input: { name: 'value', datatype: 'FP32', shape: [1, 1] },
      rows: [Float32Array.of(1), Float32Array.of(2)],
    });
    const { check } = requests[1]!;
    if (check.kind !== 'floats') throw new Error('floats were expected');
    expect(check.expected).toHaveLength(wideAnswerValues);
    expect(check.expected.every((value) => value === 2)).toBe(true);
  });

  it('embed tokens with 90 MB of weights', async () => {
    const graph = encoder();
    expect(graph.length / 1e6).toBeGreaterThan(85);
    expect(graph.length / 1e6).toBeLessThan(95);
    const workload = await makeTensorWorkload(site(), {
      ...{ name: 'encoder', graph, settings: {}, tolerance: 1e-3 },
      input: { name: 'ids', datatype: 'INT64', shape: [1, 32] },
      rows: makeTokenRows(3, 32, vocabularySize, 1),
    });
    expect(workload.requests).toHaveLength(3);
  });
});

describe('makeTensorWorkload', () => {
  it('refuses inputs whose answers are alike: a check could not tell them apart', async () => {
    const model = { ...pictureModel('twins', pictureMean()), rows: [pictures[0]!, pictures[0]!] };
    await expect(makeTensorWorkload(site(), model)).rejects.toThrow(/cannot be told apart/);
  });
});

import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '@tributary/engine';
import { fp32, mlp, onnxModel, weights } from '@tributary/engine/testing';
import { ProtoError, scanGraph, scanRepository } from '@tributary/engine/tuning';
import { moveWeights } from './move-weights';
import { shareWeights } from './share-weights';
import { repositoryOf, startEngine, temporaryFolder } from './test/support';
import { tuneModel } from './tune-model';

/** Of 1.3 MB. */
const graph = mlp(512, 640, 8);
const input = fp32(
  [2, 512],
  Array.from({ length: 1024 }, (_, index) => Math.sin(index)),
);
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Written {
  readonly folder: string;
  readonly graph: Uint8Array;
  readonly data: Uint8Array;
}

/** The graph with its weights in `location`, the file itself being `model.data`. */
function written(location = 'model.data'): Written {
  const folder = temporaryFolder();
  const source = join(folder, 'source.onnx');
  writeFileSync(source, graph);
  const targets = { graph: join(folder, 'model.onnx'), data: join(folder, 'model.data'), location };
  expect(moveWeights(source, targets, 0)).toBeDefined();
  return { folder, graph: readFileSync(targets.graph), data: readFileSync(targets.data) };
}

async function answerOf(repository: string): Promise<Uint8Array> {
  const engine = await startEngine(repository);
  const signal = new AbortController().signal;
  const { outputs } = await engine.infer({ model: 'net', inputs: new Map([['input', input]]), signal });
  return Uint8Array.from(outputs.get('output')!.bytes);
}

/** What a model of these files is listed as. */
async function listed(files: Readonly<Record<string, Uint8Array>>, settings: unknown = {}): Promise<ModelInfo> {
  const engine = await startEngine({ net: { settings, files } });
  return engine.models()[0]!;
}

describe('moveWeights', () => {
  it('leaves small tensors in the graph and begins large ones on a page', () => {
    const { folder, graph: rewritten, data } = written();
    const { externalData, inputs, operators } = scanGraph(join(folder, 'model.onnx'));
    expect(externalData.map(({ location, offset }) => [location, offset % 64])).toEqual(
      externalData.map(() => ['model.data', 0]),
    );
    expect(externalData.filter(({ length }) => length! >= 65_536).every(({ offset }) => offset % 4096 === 0)).toBe(
      true,
    );
    expect(rewritten.length).toBeLessThan(4096);
    expect(data.length).toBeGreaterThan(512 * 640 * 4);
    expect(inputs.map(({ name }) => name)).toEqual(['input']);
    expect([...operators].sort()).toEqual(['Gemm', 'Relu']);
  });

  it('refuses a truncated copy at any length and writes nothing', () => {
    const folder = temporaryFolder();
    const source = join(folder, 'source.onnx');
    const targets = { graph: join(folder, 'model.onnx'), data: join(folder, 'model.data'), location: 'model.data' };
    const graphEnd = graph.length - 40;
    for (let length = graphEnd; length > 0; length = Math.floor(length * 0.7)) {
      writeFileSync(source, graph.subarray(0, length));
      expect(() => moveWeights(source, targets, 0)).toThrow(ProtoError);
    }
    expect(readdirSync(folder)).toEqual(['source.onnx']);
  });
});

describe('a model with weights in a file of their own', () => {
  it('answers as the single file does', async () => {
    const { graph: rewritten, data } = written();
    const shared = repositoryOf({ net: { files: { '1/model.onnx': rewritten, '1/model.data': data } } });
    expect(await answerOf(shared)).toEqual(await answerOf(repositoryOf({ net: { model: graph } })));
  });

  it.each([['/etc/hostname'], ['../model.data'], ['weights/../../model.data'], ['..\\model.data']])(
    'case 38: is refused where the graph looks for them in %s',
    async (location) => {
      const { graph: rewritten, data } = written(location);
      const { state, reason } = await listed({ '1/model.onnx': rewritten, '1/model.data': data, 'model.data': data });
      expect(state).toBe('FAILED');
      expect(reason).toBe(
        `MODEL_UNSUPPORTED: the model cannot be served: its weights are in '${location}', which is outside of the version's folder`,
      );
    },
  );

  it('case 38: is refused where they are a link out of the folder', async () => {
    const { folder, graph: rewritten } = written();
    const repository = repositoryOf({ net: { model: rewritten } });
    symlinkSync(join(folder, 'model.data'), join(repository, 'net/1/model.data'));
    const { reason } = (await startEngine(repository)).models()[0]!;
    expect(reason).toContain(
      'MODEL_FILE_INVALID: model.data cannot be used: it is a link to outside of the repository',
    );
  });

  it('case 38: is refused where they are missing or cut off', async () => {
    const { graph: rewritten, data } = written();
    expect((await listed({ '1/model.onnx': rewritten })).reason).toBe(
      'MODEL_FILE_MISSING: the version has no model.data',
    );
    const cut = await listed({ '1/model.onnx': rewritten, '1/model.data': data.subarray(0, 5000) });
    expect(cut.reason).toContain('MODEL_LOAD_FAILED: the model could not be loaded: model.data has 5000 bytes');
  });

  it('is refused where model.json gives digests of its version but none of the weights, or another one', async () => {
    const { graph: rewritten, data } = written();
    const files = { '1/model.onnx': rewritten, '1/model.data': data };
    const digests = { '1/model.onnx': sha256(rewritten) };
    expect((await listed(files, { files: digests })).reason).toContain(
      'MODEL_CONFIG_INVALID: model.json is not valid: files gives digests of this version but none of model.data',
    );
    const wrong = { ...digests, '1/model.data': sha256(rewritten) };
    expect((await listed(files, { files: wrong })).reason).toContain('MODEL_DIGEST_MISMATCH');
    expect((await listed(files, { files: { ...digests, '1/model.data': sha256(data) } })).state).toBe('READY');
  });
});

describe('tributary tune', () => {
  const settings = { description: 'a net', files: { '1/model.onnx': sha256(graph) } };
  const share = async (repository: string): ReturnType<typeof shareWeights> =>
    shareWeights((await scanRepository(repository)).versions[0]!, new AbortController().signal);

  it('moves the weights of a single file, digests with it, and does so once', async () => {
    const repository = repositoryOf({ net: { model: graph, settings } });
    const before = await answerOf(repository);
    expect(await share(repository)).toMatchObject({ kind: 'moved', tensors: 3 });
    const folder = join(repository, 'net/1');
    expect(readdirSync(folder).sort()).toEqual(['model.data', 'model.onnx']);
    expect(statSync(join(folder, 'model.onnx')).size).toBeLessThan(4096);
    const model = JSON.parse(readFileSync(join(repository, 'net/model.json'), 'utf8')) as unknown;
    expect(model).toEqual({
      description: 'a net',
      files: {
        '1/model.onnx': sha256(readFileSync(join(folder, 'model.onnx'))),
        '1/model.data': sha256(readFileSync(join(folder, 'model.data'))),
      },
    });
    expect(await answerOf(repository)).toEqual(before);
    expect(await share(repository)).toBeUndefined();
  });

  it('leaves what is no whole model, is not the one that model.json names, or has a stranger in its way', async () => {
    const cut = repositoryOf({ net: { model: graph.subarray(0, 5000) } });
    await expect(share(cut)).rejects.toMatchObject({ reason: 'MODEL_LOAD_FAILED' });
    const other = repositoryOf({ net: { model: mlp(512, 640, 4), settings } });
    await expect(share(other)).rejects.toMatchObject({ reason: 'MODEL_DIGEST_MISMATCH' });
    const taken = repositoryOf({ net: { model: graph, files: { '1/model.data': 'mine' } } });
    expect(await share(taken)).toMatchObject({ kind: 'kept' });
    expect(readFileSync(join(taken, 'net/1/model.data'), 'utf8')).toBe('mine');
    for (const repository of [cut, other]) expect(readdirSync(join(repository, 'net/1'))).toEqual(['model.onnx']);
    expect(readFileSync(join(taken, 'net/1/model.onnx')).equals(graph)).toBe(true);
  });

  it('ends what a crash between its renames left, and overwrites what one before left', async () => {
    const { folder: made, graph: rewritten, data } = written();
    const digests = { '1/model.onnx': sha256(rewritten), '1/model.data': sha256(data) };
    const repository = repositoryOf({
      net: { model: graph, settings: { files: digests }, files: { '1/model.data': data } },
    });
    const folder = join(repository, 'net/1');
    mkdirSync(join(folder, '.rewritten'));
    copyFileSync(join(made, 'model.onnx'), join(folder, '.rewritten/model.onnx'));
    expect(await share(repository)).toBeUndefined();
    expect(readdirSync(folder).sort()).toEqual(['model.data', 'model.onnx']);
    expect((await startEngine(repository)).resolve('net').state).toBe('READY');

    const early = repositoryOf({ net: { model: graph, settings } });
    mkdirSync(join(early, 'net/1/.rewritten'));
    renameSync(join(made, 'model.onnx'), join(early, 'net/1/.rewritten/model.onnx'));
    truncateSync(join(early, 'net/1/.rewritten/model.onnx'), 100);
    expect(await share(early)).toMatchObject({ kind: 'moved' });
    expect((await startEngine(early)).resolve('net').state).toBe('READY');
  });

  it('measures the file that it wrote, or leaves the single file where it is asked to', async () => {
    const repository = repositoryOf({ net: { model: varying() } });
    const file = join(repository, 'net/1/model.onnx');
    const tune = { repository, model: 'net', cpuBudget: 1, quick: true };
    const kept = await tuneModel({ ...tune, keepsFile: true });
    expect(kept.weights).toBeUndefined();
    expect(kept.plan.digest).toBe(sha256(varying()));
    expect(readdirSync(join(repository, 'net/1'))).toEqual(['model.onnx']);
    const moved = await tuneModel(tune);
    expect(moved.weights).toMatchObject({ kind: 'moved', file: join(repository, 'net/1/model.data') });
    expect(moved.plan.digest).toBe(sha256(readFileSync(file)));
    expect(readFileSync(file).length).toBeLessThan(4096);
  });
});

/** One row of any number of tokens: never on the event loop, which cannot be measured on jest's own thread. Weights of 1.3 MB. */
function varying(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 'tokens', 512] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: [1, 'tokens', 640] }],
    nodes: [{ op: 'MatMul', inputs: ['input', 'weights'], outputs: ['output'] }],
    initializers: [weights('weights', [512, 640], 0.05)],
  });
}

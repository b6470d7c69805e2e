import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fp32, mlp, onnxModel } from '../testing';
import { outcomeOf, RecordingLog, repositoryOf, request, startEngine, temporaryFolder } from './support';

const model = mlp(2, 1);
const twoClasses = mlp(2, 2);
const input = fp32([1, 2], [1, 2]);
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('versions', () => {
  it('serves the highest version by number, and any other by name', async () => {
    const files = { '2/model.onnx': model, '9/model.onnx': model, '10/model.onnx': model };
    const engine = await startEngine({ net: { files } });
    expect(engine.models().map(({ version, servedByDefault }) => [version, servedByDefault])).toEqual([
      ['2', false],
      ['9', false],
      ['10', true],
    ]);
    expect((await engine.infer(request('net', { input }))).version).toBe('10');
    expect((await engine.infer(request('net', { input }, { version: '9' }))).version).toBe('9');
  });

  it('case 38: serves the highest that can be loaded', async () => {
    const files = { '1/model.onnx': model, '2/model.onnx': model.subarray(0, 100), '3/readme.txt': 'half copied' };
    const engine = await startEngine({ net: { files } });
    expect(engine.models()).toMatchObject([
      { version: '1', state: 'READY', servedByDefault: true },
      { version: '2', state: 'FAILED' },
      { version: '3', state: 'FAILED', reason: 'MODEL_FILE_MISSING: the version has no model.onnx' },
    ]);
    expect((await engine.infer(request('net', { input }))).version).toBe('1');
    expect(await outcomeOf(engine.infer(request('net', { input }, { version: '2' })))).toBe('MODEL_NOT_READY');
  });

  it('case 38: serves on from memory when the files are deleted', async () => {
    const repository = repositoryOf({ net: { model } });
    const engine = await startEngine(repository);
    rmSync(join(repository, 'net'), { recursive: true });
    expect(await outcomeOf(engine.infer(request('net', { input })))).toBe('answered');
  });

  it('lists a model without any version', async () => {
    const engine = await startEngine({ early: { files: { 'model.onnx': model } }, empty: { settings: {} } });
    const reason = 'MODEL_FILE_MISSING: the version has no folder of a version, e.g. 1/model.onnx';
    expect(engine.models()).toMatchObject([
      { name: 'early', version: '', state: 'FAILED', reason },
      { name: 'empty', version: '', state: 'FAILED', reason },
    ]);
    expect(await outcomeOf(engine.infer(request('empty', { input })))).toBe('MODEL_NO_VERSION');
  });

  it('passes over what is no model, and says so', async () => {
    const repository = repositoryOf({ net: { model } });
    for (const folder of ['not a model', '.git', '__pycache__', 'lost+found', 'docs', 'net/007', 'net/drafts'])
      mkdirSync(join(repository, folder));
    writeFileSync(join(repository, 'README.md'), 'text');
    writeFileSync(join(repository, 'docs', 'notes.md'), 'text');
    writeFileSync(join(repository, 'net', '8'), 'a file');
    const log = new RecordingLog();
    const engine = await startEngine(repository, { log });
    expect(engine.models().map(({ name, version }) => `${name}/${version}`)).toEqual(['net/1']);
    const ignored = log.lines.filter(({ message }) => message.startsWith('passed over'));
    expect(ignored.map(({ fields, message }) => [(fields as { folder: string }).folder, message])).toEqual([
      ['.git', 'passed over: its name begins with a dot'],
      ['__pycache__', 'passed over: no model can have this name'],
      ['docs', 'passed over: it holds no version, e.g. 1/model.onnx'],
      ['lost+found', 'passed over: no model can have this name'],
      ['net/007', 'passed over: a version is a whole number from 1, without leading zeros'],
      ['net/8', 'passed over: it is a file, no folder'],
      ['not a model', 'passed over: no model can have this name'],
    ]);
    expect(await outcomeOf(engine.infer(request('docs', { input })))).toBe('MODEL_NOT_FOUND');
  });

  it('serves versions up to 2^63 - 1, and says of larger ones that they are', async () => {
    const versions = ['1719400000000000000', '9223372036854775807', '9223372036854775808', '99999999999999999999'];
    const files = Object.fromEntries(versions.map((version) => [`${version}/model.onnx`, model]));
    const digest = { '9223372036854775807/model.onnx': sha256(model) };
    const log = new RecordingLog();
    const engine = await startEngine({ net: { files, settings: { files: digest } } }, { log });
    expect(engine.models()).toMatchObject([
      { version: '1719400000000000000', state: 'READY', servedByDefault: false },
      { version: '9223372036854775807', state: 'READY', servedByDefault: true },
    ]);
    const newest = await engine.infer(request('net', { input }, { version: '9223372036854775807' }));
    expect(newest.version).toBe('9223372036854775807');
    expect(log.lines.filter(({ message }) => message.includes('at most 2^63 - 1'))).toHaveLength(2);
  });

  it('fails with one clear error where the repository is missing', async () => {
    const folder = join(temporaryFolder(), 'nowhere');
    await expect(startEngine(folder)).rejects.toThrow(`the model repository ${folder} cannot be read`);
  });
});

describe('case 38, 51: a bad model', () => {
  const flipped = Buffer.from(model);
  flipped[0] = 0xff;
  const faults: readonly [string, Uint8Array, string][] = [
    [
      'is empty',
      new Uint8Array(0),
      'MODEL_LOAD_FAILED: the model could not be loaded: model.onnx is not a valid ONNX file: the file has no graph',
    ],
    [
      'is truncated',
      model.subarray(0, model.length - 10),
      'MODEL_LOAD_FAILED: the model could not be loaded: model.onnx is not a valid ONNX file',
    ],
    [
      'has a flipped bit',
      flipped,
      'MODEL_LOAD_FAILED: the model could not be loaded: model.onnx is not a valid ONNX file',
    ],
    [
      'is no ONNX file',
      Buffer.from('<html>not found</html>'),
      'MODEL_LOAD_FAILED: the model could not be loaded: model.onnx is not a valid ONNX file',
    ],
    [
      'uses an unknown operator',
      unknownOperator(),
      'MODEL_LOAD_FAILED: the model could not be loaded: ONNX Runtime refused model.onnx: opset 17 has no operator NoSuchOperator',
    ],
    ['takes a sequence', sequenceInput(), "MODEL_UNSUPPORTED: the model cannot be served: input 'input' is a sequence"],
    [
      'declares no shape',
      shapeless(),
      "MODEL_UNSUPPORTED: the model cannot be served: input 'input' declares no shape",
    ],
  ];

  it('is listed with its reason and stops nothing', async () => {
    const bad = Object.fromEntries(faults.map(([, bytes], index) => [`bad${index}`, { model: bytes }]));
    const engine = await startEngine({ ...bad, good: { model } });
    faults.forEach(([, , reason], index) => {
      const info = engine.models()[index]!;
      expect(info).toMatchObject({ name: `bad${index}`, state: 'FAILED', reason: expect.stringContaining(reason) });
      // Neither paths nor ONNX Runtime's sources are shown to callers.
      expect(info.reason).not.toMatch(/\/tmp|onnxruntime_src|\.cc:/);
    });
    expect(await outcomeOf(engine.infer(request('bad0', { input })))).toBe('MODEL_NOT_READY');
    expect(await outcomeOf(engine.infer(request('good', { input })))).toBe('answered');
  });

  it('is none whose input is named like a property of every object', async () => {
    const engine = await startEngine({ named: { model: prototypeInput() } });
    expect(await outcomeOf(engine.infer(request('named', { ['__proto__']: fp32([2], [1, 2]) })))).toBe('answered');
  });

  it('is fatal where the start is strict', async () => {
    await expect(
      startEngine({ bad: { model: new Uint8Array(0) }, good: { model } }, { strict: true }),
    ).rejects.toMatchObject({
      reason: 'MODEL_LOAD_FAILED',
    });
  });

  it('is no model with a stray link beside its graph', async () => {
    const repository = repositoryOf({ net: { model } });
    symlinkSync('/nowhere', join(repository, 'net', '1', 'stray'));
    const engine = await startEngine(repository);
    expect(engine.resolve('net').state).toBe('READY');
  });

  it('cannot be a link to outside of the repository', async () => {
    const outside = repositoryOf({ secret: { model } });
    const repository = repositoryOf({ good: { model } });
    mkdirSync(join(repository, 'linked', '1'), { recursive: true });
    symlinkSync(join(outside, 'secret', '1', 'model.onnx'), join(repository, 'linked', '1', 'model.onnx'));
    mkdirSync(join(repository, 'folder'));
    symlinkSync(join(outside, 'secret', '1'), join(repository, 'folder', '1'));
    symlinkSync(join(outside, 'secret'), join(repository, 'whole'));
    const engine = await startEngine(repository);
    const reason = 'MODEL_FILE_INVALID: model.onnx cannot be used: it is a link to outside of the repository';
    expect(engine.models()).toMatchObject([
      { name: 'folder', reason },
      { name: 'good', state: 'READY' },
      { name: 'linked', reason },
      { name: 'whole', version: '', reason: reason.replace('model.onnx', 'whole') },
    ]);
  });
});

describe('model.json', () => {
  it('tells every fault at once, with its path and what was expected', async () => {
    const settings = {
      tusk: 'toy',
      batching: { maxBatchSize: 'many', maxQueueDelayMs: -1 },
      labels: '../labels.txt',
      files: { '1/model.onnx': 'md5:00' },
    };
    const engine = await startEngine({ net: { model, settings } });
    const [info] = engine.models();
    expect(info!.state).toBe('FAILED');
    for (const part of [
      'MODEL_CONFIG_INVALID: model.json is not valid: ',
      'batching.maxBatchSize: Invalid input: expected number, received string',
      'batching.maxQueueDelayMs: Too small: expected number to be >=0',
      'labels: expected a file name without folders',
      'files.1/model.onnx: expected sha256: and 64 lower-case hex digits',
      'Unrecognized key: "tusk"',
    ]) {
      expect(info!.reason).toContain(part);
    }
  });

  it('that is no JSON is told as such', async () => {
    const engine = await startEngine({ net: { model, files: { 'model.json': '{ "task": ' } } });
    expect(engine.models()[0]!.reason).toEqual(
      expect.stringMatching(/^MODEL_FILE_INVALID: model.json cannot be used: it is not JSON/),
    );
  });

  it('verifies the digests that it gives', async () => {
    const good = { files: { '1/model.onnx': sha256(model) } };
    const wrong = { files: { '1/model.onnx': sha256(new Uint8Array(1)) } };
    const missing = { files: { '1/model.onnx': sha256(model), '1/labels.txt': sha256(model) } };
    const engine = await startEngine({
      good: { model, settings: good },
      missing: { model, settings: missing },
      wrong: { model, settings: wrong },
    });
    expect(engine.models()).toMatchObject([
      { name: 'good', state: 'READY' },
      { name: 'missing', reason: 'MODEL_FILE_MISSING: the version has no labels.txt' },
      {
        name: 'wrong',
        reason: `MODEL_DIGEST_MISMATCH: SHA-256 of model.onnx is ${sha256(model)}, but model.json expects ${sha256(new Uint8Array(1))}`,
      },
    ]);
  });

  it('gives labels, instances and the size of the files', async () => {
    const settings = { labels: 'labels.txt', instances: { count: 1 } };
    const engine = await startEngine(
      { net: { model: twoClasses, settings, files: { '1/labels.txt': 'cat\r\ndog\r\n' } } },
      { cpuBudget: 2 },
    );
    expect(engine.resolve('net')).toMatchObject({ labels: ['cat', 'dog'], fileBytes: twoClasses.length + 10 });
    const calls = Array.from({ length: 20 }, () => engine.infer(request('net', { input })));
    expect((await Promise.all(calls)).map(({ version }) => version)).toEqual(new Array<string>(20).fill('1'));
  });
});

describe('loading', () => {
  it('says what it does', async () => {
    const log = new RecordingLog();
    await startEngine({ a: { model }, b: { model } }, { log });
    expect(log.has('info', 'loading a (1 of 2)')).toBe(true);
    expect(log.has('info', 'loading b (2 of 2)')).toBe(true);
  });

  it('case 47: stops when its signal aborts, and leaves no thread behind', async () => {
    const models = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`m${index}`, { model }]));
    const controller = new AbortController();
    const log = new RecordingLog();
    log.info = () => controller.abort();
    await expect(startEngine(models, { log, signal: controller.signal })).rejects.toMatchObject({
      reason: 'CANCELLED',
    });
  });
});

function unknownOperator(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['n'] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['n'] }],
    nodes: [{ op: 'NoSuchOperator', inputs: ['input'], outputs: ['output'] }],
  });
}

function sequenceInput(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'sequence', shape: ['n'] }],
    outputs: [{ name: 'output', datatype: 'INT64', shape: [] }],
    nodes: [{ op: 'SequenceLength', inputs: ['input'], outputs: ['output'] }],
  });
}

function prototypeInput(): Uint8Array {
  return onnxModel({
    inputs: [{ name: '__proto__', datatype: 'FP32', shape: ['n'] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['n'] }],
    nodes: [{ op: 'Identity', inputs: ['__proto__'], outputs: ['output'] }],
  });
}

function shapeless(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: null }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: null }],
    nodes: [{ op: 'Identity', inputs: ['input'], outputs: ['output'] }],
  });
}

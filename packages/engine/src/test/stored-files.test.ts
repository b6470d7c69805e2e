import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createEngine } from '../create-engine';
import { fp32, mlp, onnxModel, weights } from '../testing';
import { outcomeOf, RecordingLog, repositoryOf, request, startEngine, temporaryFolder } from './support';

const model = mlp(2, 2);
const input = fp32([1, 2], [1, 2]);

/** Writes a graph to `graph`, `input` FP32 [batch, 2] to `output` [batch, 2], with its weights in a file beside it. */
function writeExternal(graph: string, location: string): void {
  mkdirSync(dirname(graph), { recursive: true });
  const { data, ...initializer } = weights('weights', [2, 2], 1);
  const bytes = onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', 2] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', 2] }],
    nodes: [{ op: 'MatMul', inputs: ['input', 'weights'], outputs: ['output'] }],
    initializers: [{ ...initializer, data: { location } }],
  });
  writeFileSync(graph, bytes);
  writeFileSync(join(dirname(graph), location), data as Float32Array);
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** State and reason of the only model of a repository. */
async function listed(repository: string): Promise<string> {
  const [info, ...others] = (await startEngine(repository)).models();
  expect(others).toEqual([]);
  return info!.state === 'READY' ? 'READY' : info!.reason;
}

describe('links', () => {
  it('are followed as the cache of a hub has them, weights included', async () => {
    const repository = temporaryFolder();
    writeExternal(join(repository, 'net/blobs/aa11'), 'model.onnx_data');
    renameSync(join(repository, 'net/blobs/model.onnx_data'), join(repository, 'net/blobs/bb22'));
    writeFileSync(join(repository, 'net/blobs/cc33'), '{"description":"linked"}');
    link('../blobs/aa11', join(repository, 'net/1/model.onnx'));
    link('../blobs/bb22', join(repository, 'net/1/model.onnx_data'));
    link('blobs/cc33', join(repository, 'net/model.json'));
    const engine = await startEngine(repository);
    expect(engine.models()).toMatchObject([{ name: 'net', state: 'READY', reason: '' }]);
    expect(await outcomeOf(engine.infer(request('net', { input })))).toBe('answered');
  });

  it('are followed where the repository itself is a snapshot of that cache', async () => {
    const cache = join(temporaryFolder(), 'models--someone--net');
    writeExternal(join(cache, 'blobs/aa11'), 'model.onnx_data');
    renameSync(join(cache, 'blobs/model.onnx_data'), join(cache, 'blobs/bb22'));
    const repository = join(cache, 'snapshots/0123abcd');
    link('../../../../blobs/aa11', join(repository, 'net/1/model.onnx'));
    link('../../../../blobs/bb22', join(repository, 'net/1/model.onnx_data'));
    expect(await listed(repository)).toBe('READY');
  });

  it('are followed as Kubernetes lays down a volume: through ..data', async () => {
    const repository = temporaryFolder();
    writeExternal(join(repository, 'net/1/..2026_12_01/model.onnx'), 'weights.bin');
    link('..2026_12_01', join(repository, 'net/1/..data'));
    link('..data/model.onnx', join(repository, 'net/1/model.onnx'));
    link('..data/weights.bin', join(repository, 'net/1/weights.bin'));
    expect(await listed(repository)).toBe('READY');
  });

  it('are followed where they are absolute and lead into the repository, by either of its paths', async () => {
    const real = repositoryOf({ net: { files: { 'shared/graph': model } } });
    const repository = join(temporaryFolder(), 'linked');
    symlinkSync(real, repository);
    link(join(real, 'net/shared/graph'), join(real, 'net/1/model.onnx'));
    link(join(repository, 'net/shared/graph'), join(real, 'net/2/model.onnx'));
    const engine = await startEngine(repository);
    expect(engine.models().map(({ state }) => state)).toEqual(['READY', 'READY']);
  });

  it.each([
    ['out of the repository', '../../../outside', 'it is a link to outside of the repository'],
    ['to an absolute path elsewhere', '/etc/hostname', 'it is a link to outside of the repository'],
    ['to a pipe of a process', '/proc/self/fd/0', 'it is a link to outside of the repository'],
    ['to nothing', 'nowhere', 'it is a link to nothing'],
    ['to itself', 'model.onnx', 'it is a link that leads to itself'],
  ])('that lead %s are told so', async (_, target, problem) => {
    const parent = temporaryFolder();
    const repository = join(parent, 'models');
    writeFileSync(join(parent, 'outside'), model);
    link(target, join(repository, 'net/1/model.onnx'));
    expect(await listed(repository)).toBe(`MODEL_FILE_INVALID: model.onnx cannot be used: ${problem}`);
  });

  it('of weights to another folder than that of the graph are told so', async () => {
    const repository = temporaryFolder();
    writeExternal(join(repository, 'net/1/model.onnx'), 'weights.bin');
    mkdirSync(join(repository, 'net/shared'));
    renameSync(join(repository, 'net/1/weights.bin'), join(repository, 'net/shared/weights.bin'));
    link('../shared/weights.bin', join(repository, 'net/1/weights.bin'));
    expect(await listed(repository)).toContain("its weights in 'weights.bin' are a link out of the graph's folder");
  });
});

describe('a folder called model.onnx', () => {
  it.each([['model.onnx'], ['encoder.onnx']])('holds the graph as %s, with its weights', async (name) => {
    const repository = temporaryFolder();
    writeExternal(join(repository, 'net/1/model.onnx', name), 'weights.bin');
    expect(await listed(repository)).toBe('READY');
  });

  it('is told where it holds no graph, or several', async () => {
    const none = repositoryOf({ net: { files: { '1/model.onnx/readme.txt': 'here' } } });
    expect(await listed(none)).toContain(
      'model.onnx cannot be used: it is a folder with 0 graphs; expected model.onnx',
    );
    const several = repositoryOf({ net: { files: { '1/model.onnx/a.onnx': model, '1/model.onnx/b.onnx': model } } });
    expect(await listed(several)).toContain('it is a folder with 2 graphs');
  });
});

describe('what is no file', () => {
  const pipe = (path: string): void => void execFileSync('mkfifo', [path]);

  it('is told as a pipe, in the place of any file, and waited for by nobody', async () => {
    const graph = repositoryOf({ net: { files: { '1/labels.txt': 'a' } } });
    pipe(join(graph, 'net/1/model.onnx'));
    expect(await listed(graph)).toBe('MODEL_FILE_INVALID: model.onnx cannot be used: it is a pipe; expected a file');
    const settings = repositoryOf({ net: { model } });
    pipe(join(settings, 'net/model.json'));
    expect(await listed(settings)).toBe('MODEL_FILE_INVALID: model.json cannot be used: it is a pipe; expected a file');
    const labels = repositoryOf({ net: { model, settings: { labels: 'labels.txt' } } });
    pipe(join(labels, 'net/1/labels.txt'));
    expect(await listed(labels)).toContain('labels.txt cannot be used: it is a pipe');
    const weights = temporaryFolder();
    writeExternal(join(weights, 'net/1/model.onnx'), 'weights.bin');
    rmSync(join(weights, 'net/1/weights.bin'));
    pipe(join(weights, 'net/1/weights.bin'));
    expect(await listed(weights)).toContain('weights.bin cannot be used: it is a pipe');
  });

  it('is told as a pipe in the place of plan.json, which is passed over', async () => {
    const repository = repositoryOf({ net: { model } });
    pipe(join(repository, 'net/plan.json'));
    const log = new RecordingLog();
    const engine = await startEngine(repository, { log });
    expect(engine.resolve('net').state).toBe('READY');
    expect(log.has('warn', 'plan.json cannot be used: it is a pipe; expected a file')).toBe(true);
  });

  it('is told as a socket', async () => {
    const repository = repositoryOf({ net: { files: { '1/readme.txt': '' } } });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(repository, 'net/1/model.onnx'), resolve));
    expect(await listed(repository)).toContain('model.onnx cannot be used: it is a socket; expected a file');
    server.close();
  });

  it('is told as a folder', async () => {
    const settings = repositoryOf({ net: { model, files: { 'model.json/readme.txt': '' } } });
    expect(await listed(settings)).toContain('model.json cannot be used: it is a folder; expected a file');
    const labels = repositoryOf({
      net: { model, settings: { labels: 'labels.txt' }, files: { '1/labels.txt/readme.txt': '' } },
    });
    expect(await listed(labels)).toContain('labels.txt cannot be used: it is a folder; expected a file');
  });
});

describe('text', () => {
  const labelled = (labels: Uint8Array | string): string =>
    repositoryOf({ net: { model, settings: { labels: 'labels.txt' }, files: { '1/labels.txt': labels } } });

  it('is read without its byte order mark', async () => {
    const files = { 'model.json': '\ufeff{"labels":"labels.txt"}', '1/labels.txt': '\ufefftench\r\nshark\r\n' };
    const engine = await startEngine({ net: { model, files } });
    expect(engine.resolve('net').labels).toEqual(['tench', 'shark']);
  });

  it.each([
    ['Latin-1', Buffer.from('thé\ncafé\n', 'latin1'), 'line 1 is not valid UTF-8'],
    ['a stray byte', Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x0a]), 'line 2 is not valid UTF-8'],
    ['half of a surrogate pair', Buffer.from([0x61, 0x0a, 0xed, 0xa0, 0x80]), 'line 2 is not valid UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa\nb', 'utf16le'), 'it is UTF-16; expected UTF-8'],
    ['zeros', 'a\n\0\n', 'line 2 has a NUL character'],
    ['nothing', '', 'it has no labels'],
    ['blank lines alone', '\n\n', 'it has no labels'],
  ])('with %s is refused by name', async (_, labels, problem) => {
    expect(await listed(labelled(labels))).toContain(`MODEL_FILE_INVALID: labels.txt cannot be used: ${problem}`);
  });

  it.each([
    ['Latin-1', Buffer.from('{"description":"caf\xe9"}', 'latin1'), 'line 1 is not valid UTF-8'],
    ['a key twice', '{"default":true,\n "default":false}', 'the key "default" stands twice in one object (line 2)'],
    ['a key twice in an inner object', '{"options":{"a":[{"b":1},{"b":1,"\\u0062":2}]}}', 'the key "b" stands twice'],
    ['nothing', '', 'it is empty; expected JSON'],
  ])('of model.json with %s is refused by name', async (_, settings, problem) => {
    const repository = repositoryOf({ net: { model, files: { 'model.json': settings } } });
    expect(await listed(repository)).toContain(`MODEL_FILE_INVALID: model.json cannot be used: ${problem}`);
  });
});

describe('labels', () => {
  const engineWith = async (labels: string, graph: Uint8Array): Promise<string> =>
    listed(repositoryOf({ net: { model: graph, settings: { labels: 'l.txt' }, files: { '1/l.txt': labels } } }));

  it('are as many as an output has classes', async () => {
    expect(await engineWith('a\nb', model)).toBe('READY');
    expect(await engineWith('a\na', model)).toBe('READY');
    expect(await engineWith('a\nb\nc\n', model)).toBe(
      "MODEL_CONFIG_INVALID: model.json is not valid: there are 3 labels, but output 'output' has 2 classes",
    );
    expect(await engineWith('a\n\nb', model)).toContain('there are 3 labels');
  });

  it('may be of any number where the classes are not known', async () => {
    const open = onnxModel({
      inputs: [{ name: 'input', datatype: 'FP32', shape: ['n', 'm'] }],
      outputs: [{ name: 'output', datatype: 'FP32', shape: ['n', 'm'] }],
      nodes: [{ op: 'Identity', inputs: ['input'], outputs: ['output'] }],
    });
    expect(await engineWith('a\nb\nc', open)).toBe('READY');
  });
});

describe('a graph', () => {
  it('without outputs is refused', async () => {
    const silent = onnxModel({
      inputs: [{ name: 'input', datatype: 'FP32', shape: ['n'] }],
      outputs: [],
      nodes: [{ op: 'Identity', inputs: ['input'], outputs: ['unused'] }],
    });
    expect(await listed(repositoryOf({ net: { model: silent } }))).toContain(
      'MODEL_UNSUPPORTED: the model cannot be served: the graph has no outputs',
    );
  });
});

describe('the files of another container', () => {
  it('are read through the root of its process', async () => {
    const repository = repositoryOf({ net: { model, settings: { labels: 'l.txt' }, files: { '1/l.txt': 'a\nb' } } });
    const engine = await createEngine({ repository: `/proc/${process.pid}/root${repository}`, cpuBudget: 1 });
    expect(engine.models()).toMatchObject([{ name: 'net', state: 'READY', labels: ['a', 'b'] }]);
    expect(await outcomeOf(engine.infer(request('net', { input })))).toBe('answered');
    await engine.close();
  });
});

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import { add, alwaysEndless, fp32, fp32Values, identity, mlp, scale, slow, writeRepository } from '../testing';
import { modelsAre, outcomeOf, output, refusalOf, repositoryOf, request, startEngine, told } from './support';

const model = mlp(2, 1);
const row = fp32([1, 2], [1, 2]);

function stateOf(engine: Engine, name: string, version: string): string {
  return engine.models().find((info) => info.name === name && info.version === version)?.state ?? 'unknown';
}

async function scaled(engine: Engine, name = 'net'): Promise<number> {
  const { outputs } = await engine.infer(request(name, { input: fp32([1, 4], [1, 2, 3, 4]) }));
  return fp32Values(output(outputs, 'output'))[0]!;
}

describe('rescan', () => {
  it('serves a model that was laid down since the start', async () => {
    const repository = repositoryOf({ first: { model } });
    const engine = await startEngine(repository);
    writeRepository(repository, { second: { model } });
    expect(await outcomeOf(engine.infer(request('second', { input: row })))).toBe('MODEL_NOT_FOUND');
    expect(await engine.rescan()).toMatchObject({ loaded: ['second/1'], replaced: [], unloaded: [], failed: [] });
    expect(await outcomeOf(engine.infer(request('second', { input: row })))).toBe('answered');
  });

  it('serves a higher version by default, and the lower one by its number', async () => {
    const repository = repositoryOf({ net: { model: scale(2) } });
    const engine = await startEngine(repository);
    writeRepository(repository, { net: { files: { '2/model.onnx': scale(3) } } });
    await engine.rescan();
    expect(await scaled(engine)).toBe(3);
    const { outputs } = await engine.infer(request('net', { input: fp32([1, 4], [1, 2, 3, 4]) }, { version: '1' }));
    expect(fp32Values(output(outputs, 'output'))[0]).toBe(2);
  });

  it('replaces a file that was written anew, under calls, and no call fails', async () => {
    const repository = repositoryOf({ net: { model: scale(2) } });
    const engine = await startEngine(repository);
    const done = new AbortController();
    const seen = new Set<number>();
    const calls = (async () => {
      while (!done.signal.aborted) seen.add(await scaled(engine));
    })();
    writeRepository(repository, { net: { model: scale(3) } });
    expect(await engine.rescan()).toMatchObject({ loaded: [], replaced: ['net/1'], unloaded: [], failed: [] });
    expect(await scaled(engine)).toBe(3);
    done.abort();
    await calls;
    expect([...seen].every((factor) => factor === 2 || factor === 3)).toBe(true);
    expect(seen.has(2)).toBe(true);
  });

  it('goes on with what serves where its successor cannot be loaded, and tries that again', async () => {
    const repository = repositoryOf({ net: { model: scale(2) } });
    const engine = await startEngine(repository);
    writeRepository(repository, { net: { model: Uint8Array.of(1, 2, 3) } });
    const { failed } = await engine.rescan();
    expect(failed).toMatchObject([{ model: 'net/1', reason: expect.stringContaining('MODEL_LOAD_FAILED') }]);
    expect(await scaled(engine)).toBe(2);
    writeRepository(repository, { net: { model: scale(5) } });
    expect(await engine.rescan()).toMatchObject({ replaced: ['net/1'], failed: [] });
    expect(await scaled(engine)).toBe(5);
  });

  it('serves what is fine while the first run of another model does not end', async () => {
    const repository = repositoryOf({ first: { model } });
    const engine = await startEngine(repository, { cpuBudget: 2 });
    writeRepository(repository, { endless: { model: alwaysEndless() }, fine: { model } });
    const rescanned = outcomeOf(engine.rescan());
    await modelsAre(engine, () => stateOf(engine, 'fine', '1') === 'READY');
    expect(stateOf(engine, 'endless', '1')).toBe('LOADING');
    await engine.close();
    await rescanned;
  });

  it('tries a model again that failed', async () => {
    const repository = repositoryOf({ net: { model: Uint8Array.of(1, 2, 3) } });
    const engine = await startEngine(repository);
    expect(stateOf(engine, 'net', '1')).toBe('FAILED');
    writeRepository(repository, { net: { model: scale(4) } });
    await engine.rescan();
    expect(stateOf(engine, 'net', '1')).toBe('READY');
    expect(await scaled(engine)).toBe(4);
  });

  it('lets go of a model that is gone', async () => {
    const repository = repositoryOf({ gone: { model }, stays: { model } });
    const engine = await startEngine(repository);
    rmSync(join(repository, 'gone'), { recursive: true });
    expect(await engine.rescan()).toMatchObject({ unloaded: ['gone/1'] });
    expect(engine.models().map(({ name }) => name)).toEqual(['stays']);
    expect(await outcomeOf(engine.infer(request('gone', { input: row })))).toBe('MODEL_NOT_FOUND');
    expect(await outcomeOf(engine.infer(request('stays', { input: row })))).toBe('answered');
  });

  it('does nothing where nothing has changed', async () => {
    const engine = await startEngine({ net: { model } });
    const before = engine.models();
    expect(await engine.rescan()).toMatchObject({ loaded: [], replaced: [], unloaded: [], failed: [] });
    expect(engine.models()).toEqual(before);
  });

  it('loads a model anew whose model.json has changed', async () => {
    const repository = repositoryOf({ net: { model } });
    const engine = await startEngine(repository);
    writeFileSync(join(repository, 'net', 'model.json'), JSON.stringify({ batching: { maxBatchSize: 3 } }));
    expect(await engine.rescan()).toMatchObject({ replaced: ['net/1'] });
    expect(engine.resolve('net').maxBatchSize).toBe(3);
  });

  it('two rescans at the same time work one after the other', async () => {
    const repository = repositoryOf({ first: { model } });
    const engine = await startEngine(repository);
    cpSync(join(repository, 'first'), join(repository, 'second'), { recursive: true });
    const results = await Promise.all([engine.rescan(), engine.rescan()]);
    expect(results.map(({ loaded }) => loaded)).toEqual([['second/1'], []]);
  });
});

describe('unload', () => {
  it('answers what was accepted, then lets go; later calls are refused', async () => {
    const engine = await startEngine({ slow: { model: slow(1024, 20) } });
    const input = fp32([1, 1024], new Array<number>(1024).fill(1));
    const calls = Array.from({ length: 6 }, () => outcomeOf(engine.infer(request('slow', { input }))));
    const unloaded = engine.unload('slow');
    await modelsAre(engine, () => stateOf(engine, 'slow', '1') === 'DRAINING');
    expect(await outcomeOf(engine.infer(request('slow', { input })))).toBe('MODEL_NOT_READY');
    await unloaded;
    expect(await Promise.all(calls)).toEqual(new Array<string>(6).fill('answered'));
    expect(engine.models()).toEqual([]);
  });

  it('and load again serve the model again', async () => {
    const engine = await startEngine({ net: { model } });
    await engine.unload('net', '1');
    expect(await outcomeOf(engine.infer(request('net', { input: row })))).toBe('MODEL_NOT_FOUND');
    await engine.load('net');
    expect(await outcomeOf(engine.infer(request('net', { input: row })))).toBe('answered');
  });

  it('of what does not exist says so', async () => {
    const engine = await startEngine({ net: { model } });
    expect((await refusalOf(engine.unload('other'))).reason).toBe('MODEL_NOT_FOUND');
    expect((await refusalOf(engine.unload('net', '7'))).reason).toBe('MODEL_VERSION_NOT_FOUND');
    expect((await refusalOf(engine.load('other'))).reason).toBe('MODEL_NOT_FOUND');
  });

  it('of one of two versions leaves the other to answer', async () => {
    const engine = await startEngine({ net: { model: scale(2), files: { '2/model.onnx': scale(3) } } });
    expect(await scaled(engine)).toBe(3);
    await engine.unload('net', '2');
    expect(await scaled(engine)).toBe(2);
  });
});

describe('a model that goes while its callers call', () => {
  it('never lets a call hang', async () => {
    const repository = repositoryOf({
      net: { model: add(['batch', 2]) },
      other: { model: identity('FP32', ['batch', 2]) },
    });
    const engine = await startEngine(repository);
    const outcomes = new Set<string>();
    const ended = told(engine, 'inferEnded', ({ model: name }) => name === 'net');
    let isDone = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        outcomes.add(await outcomeOf(engine.infer(request('net', { a: row, b: row }))));
        // A refusal comes within the same turn of the event loop, and nothing else would have one.
        await new Promise(setImmediate);
      }
    });
    await ended;
    for (let round = 0; round < 5; round++) {
      await engine.unload('net');
      await engine.load('net');
    }
    isDone = true;
    await Promise.all(callers);
    expect(
      [...outcomes].filter((outcome) => !['answered', 'MODEL_NOT_FOUND', 'MODEL_NOT_READY'].includes(outcome)),
    ).toEqual([]);
    expect(outcomes.has('answered')).toBe(true);
  });
});

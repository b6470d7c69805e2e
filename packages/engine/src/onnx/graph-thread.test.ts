import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildGraph, mlp, node } from '../testing';
import { GraphThread, GraphThreadBusyError } from './graph-thread';

const folder = mkdtempSync(join(tmpdir(), 'tributary-graph-thread-'));
afterAll(() => rmSync(folder, { recursive: true }));

let thread: GraphThread;
beforeEach(() => {
  thread = new GraphThread();
});
afterEach(() => thread.close());

function file(bytes: Uint8Array, name = 'model.onnx'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('the thread that reads graphs', () => {
  it('tells what a file holds and whether its rows stay apart, and proves for the sizes of requests', async () => {
    const { handle, facts, verdict } = await thread.inspect(file(mlp(3, 4, 1)));
    expect(facts.inputs[0]).toMatchObject({ name: 'input', shape: ['batch', 3] });
    expect([...facts.qualifiedOperators].sort()).toEqual(['Gemm', 'Relu']);
    expect(verdict.kind).toBe('proved');
    expect(await thread.prove(handle, new Map([['input', [3]]]))).toMatchObject({ kind: 'proved', assumes: [] });
    expect(await thread.prove(handle, new Map([['input', [4]]]))).toMatchObject({ kind: 'refused', node: 'input' });
  });

  it('gives each graph a handle that is never used again', async () => {
    const path = file(mlp(3, 1));
    const first = await thread.inspect(path);
    thread.forget(first.handle);
    const second = await thread.inspect(path);
    expect(second.handle).not.toBe(first.handle);
    expect(await thread.prove(first.handle, new Map([['input', [3]]]))).toMatchObject({ kind: 'refused' });
    expect(await thread.prove(second.handle, new Map([['input', [3]]]))).toMatchObject({ kind: 'proved' });
  });

  it('tells a file that is no model, a folder, a pipe and a file that is not there apart', async () => {
    await expect(thread.inspect(file(Buffer.from('not a model'), 'text'))).rejects.toMatchObject({
      name: 'ProtoError',
    });
    mkdirSync(join(folder, 'as-folder'));
    await expect(thread.inspect(join(folder, 'as-folder'))).rejects.toMatchObject({ name: 'ProtoError' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(thread.inspect(join(folder, 'pipe'))).rejects.toMatchObject({ name: 'ProtoError' });
    await expect(thread.inspect(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves a request that was given up', async () => {
    const controller = new AbortController();
    const path = file(mlp(3, 1));
    const waiting = [thread.inspect(path), thread.inspect(path, controller.signal)];
    controller.abort();
    await expect(waiting[1]).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect((await waiting[0]!).verdict.kind).toBe('proved');
    await expect(thread.inspect(path, AbortSignal.abort())).rejects.toMatchObject({ reason: 'CANCELLED' });
  });

  it('refuses what would wait behind hundreds of others', async () => {
    const path = file(mlp(3, 1));
    const asked = await Promise.allSettled(Array.from({ length: 300 }, () => thread.inspect(path)));
    const busy = asked.filter(({ status }) => status === 'rejected');
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.every((result) => result.status === 'rejected' && result.reason instanceof GraphThreadBusyError)).toBe(
      true,
    );
    // One is being answered while the queue is full.
    expect(asked.length - busy.length).toBe(257);
  });

  it('goes on with a new thread where one does not answer in time, and answers every request once', async () => {
    // Functions that call each other twice, forty deep, are given up after seconds of their own.
    const functions = Array.from({ length: 40 }, (_, depth) => {
      const operator = depth === 0 ? 'Neg' : `own:F${depth - 1}`;
      const nodes = [node(operator, ['a'], ['m']), node(operator, ['m'], ['b'])];
      return { name: `F${depth}`, domain: 'own', inputs: ['a'], outputs: ['b'], nodes };
    });
    const endless = file(buildGraph({ nodes: [node('own:F39', ['x'], ['y'])], functions }), 'endless.onnx');
    const impatient = new GraphThread(1);
    try {
      const answers = await Promise.allSettled([impatient.inspect(endless), impatient.inspect(endless)]);
      expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    } finally {
      await impatient.close();
    }
    expect((await thread.inspect(file(mlp(3, 1)))).verdict.kind).toBe('proved');
  });

  it('answers what waits when it is closed, and takes nothing more', async () => {
    const path = file(mlp(3, 1));
    const asked = [thread.inspect(path), thread.inspect(path)];
    const settled = Promise.allSettled(asked);
    await thread.close();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(thread.inspect(path)).rejects.toThrow('closed');
  });
});

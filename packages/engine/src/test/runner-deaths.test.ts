import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tributary/contract';
import type { RunEnd } from '../sessions/session-host';
import { divide, divideAtLoad, endless, expand, fp32, int64, mlp, slow, tensor } from '../testing';
import { pidOf, startRunnerHost } from './hosted-sessions';
import { temporaryFolder } from './support';

const lowest = -(2n ** 63n);
const crashing = [int64([1], [lowest]), int64([1], [-1])];
const forever = [fp32([4], [1, 2, 3, 4]), tensor('BOOL', [], Uint8Array.of(1))];
const row = (value: number): Tensor => fp32([1, 4], [value, value, value, value]);

describe('a death of the runner', () => {
  it('costs the run that it died of, and the runner serves again', async () => {
    const hosted = startRunnerHost();
    const network = await hosted.load(mlp(4, 8, 2));
    const division = await hosted.load(divide());
    const [before] = await hosted.run(network.session, [row(1)]);
    const guilty = await hosted.start(division.session, crashing);
    expect(await guilty.end).toMatchObject({ kind: 'lost', hasStarted: true, wasAlone: true });
    expect(hosted.news).toEqual([{ kind: 'death', reason: 'SIGFPE', problem: '' }]);
    const [after] = await hosted.run(network.session, [row(1)]);
    expect(after).toEqual(before);
    const [quotient] = await hosted.run(division.session, [int64([1], [12]), int64([1], [4])]);
    expect(new BigInt64Array(quotient!.bytes.buffer)[0]).toBe(3n);
  });

  it.each(['SIGKILL', 'SIGABRT', 'SIGSEGV'] as const)(
    'by %s is told with its name, and each run once',
    async (signal) => {
      const hosted = startRunnerHost();
      const loop = await hosted.load(endless());
      const [one, two] = [await hosted.start(loop.session, forever), await hosted.start(loop.session, forever)];
      process.kill(pidOf(hosted), signal);
      const ends = await Promise.all([one.end, two.end]);
      expect(ends.map(({ kind }) => kind)).toEqual(['lost', 'lost']);
      expect(ends).not.toContainEqual(expect.objectContaining({ wasAlone: true, hasStarted: true, kind: 'ran' }));
      expect(hosted.news).toMatchObject([{ kind: 'death', reason: signal }]);
      expect([one.ends, two.ends]).toEqual([1, 1]);
    },
  );

  it('leaves runs that had not begun to be run again', async () => {
    const hosted = startRunnerHost({ lanes: 1 });
    const loop = await hosted.load(endless());
    await hosted.untilFree(loop.session);
    // Stopped, the runner takes nothing up.
    process.kill(pidOf(hosted), 'SIGSTOP');
    const waiting = await hosted.start(loop.session, forever);
    expect(hosted.host.kill('the test has seen enough')).toBe(true);
    expect(await waiting.end).toMatchObject({ kind: 'lost', hasStarted: false, wasAlone: false });
    expect(hosted.news).toEqual([{ kind: 'death', reason: 'SIGKILL', problem: 'the test has seen enough' }]);
    const next = await hosted.start(loop.session, forever);
    next.stop();
    expect(await next.end).toEqual({ kind: 'stopped' });
  });

  it('again and again loses no run twice, and answers none wrongly', async () => {
    const hosted = startRunnerHost();
    const sums = await hosted.load(slow(32, 4));
    const input = (value: number): Tensor => fp32([1, 32], new Array<number>(32).fill(value));
    const right = await Promise.all(
      [1, 2, 3].map(async (value) => (await hosted.run(sums.session, [input(value)]))[0]!),
    );
    const kills = 12;
    const counts = { ran: 0, lost: 0, notBegun: 0 };
    let isOver = false;
    const caller = async (value: number): Promise<void> => {
      while (!isOver) {
        const run = await hosted.start(sums.session, [input(value)]);
        const end = await run.end;
        if (end.kind === 'ran') {
          counts.ran++;
          expect(Buffer.compare(end.outputs[0]!.bytes, right[value - 1]!.bytes)).toBe(0);
        } else {
          expect(end.kind).toBe('lost');
          if (end.kind === 'lost' && end.hasStarted) counts.lost++;
          else counts.notBegun++;
        }
        expect(run.ends).toBe(1);
      }
    };
    const killer = async (): Promise<void> => {
      for (let deaths = 1; deaths <= kills; deaths++) {
        const runs = counts.ran + 20;
        await hosted.until(() => counts.ran >= runs);
        process.kill(pidOf(hosted), 'SIGKILL');
        await hosted.until(() => hosted.news.length >= deaths);
      }
      isOver = true;
    };
    await Promise.all([killer(), caller(1), caller(2), caller(3)]);
    expect(hosted.news.length).toBe(kills);
    // Two lanes: no death takes more than two.
    expect(counts.lost + counts.notBegun).toBeLessThanOrEqual(2 * kills);
    expect(counts.ran).toBeGreaterThanOrEqual(20 * kills);
  });

  it('takes a session along whose file is not there any more, and says so', async () => {
    const hosted = startRunnerHost();
    const network = await hosted.load(mlp(4, 8, 2));
    const path = join(temporaryFolder(), 'model.onnx');
    writeFileSync(path, mlp(4, 2));
    const { session } = await hosted.load(path);
    rmSync(path);
    process.kill(pidOf(hosted), 'SIGKILL');
    await hosted.until(() => hosted.news.length === 2);
    expect(hosted.news[1]).toMatchObject({ kind: 'sessionLost', session });
    await hosted.run(network.session, [row(1)]);
  });

  it('comes to the runner with the death of its host', async () => {
    const folder = temporaryFolder();
    const script = join(__dirname, 'orphan-process.js');
    const pid = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' }).stdout;
    expect(Number(pid)).toBeGreaterThan(0);
    const isThere = (): boolean => {
      try {
        process.kill(Number(pid), 0);
        return !/\) Z /.test(execFileSync('cat', [`/proc/${Number(pid)}/stat`], { encoding: 'utf8' }));
      } catch {
        return false;
      }
    };
    while (isThere());
    expect(isThere()).toBe(false);
  });
});

describe('a run in a runner', () => {
  it('ends at its next node when it is stopped, and others of its session go on', async () => {
    const hosted = startRunnerHost();
    const loop = await hosted.load(endless());
    const [stopped, other] = [await hosted.start(loop.session, forever), await hosted.start(loop.session, forever)];
    stopped.stop();
    stopped.stop();
    expect(await stopped.end).toEqual({ kind: 'stopped' });
    expect(other.ends).toBe(0);
    const once = [fp32([4], [1, 2, 3, 4]), tensor('BOOL', [], Uint8Array.of(0))];
    const [output] = await hosted.run(loop.session, once);
    expect([...new Float32Array(output!.bytes.buffer)]).toEqual([1, 2, 3, 4]);
    other.stop();
    expect(await other.end).toEqual({ kind: 'stopped' });
  });

  it('may be stopped at any moment, many times, and nothing is left behind', async () => {
    const hosted = startRunnerHost();
    const network = await hosted.load(mlp(4, 8, 2));
    const ends = new Set<RunEnd['kind']>();
    for (let round = 0; round < 300; round++) {
      const run = await hosted.start(network.session, [row(round)]);
      if (round % 3 === 1) await new Promise(setImmediate);
      run.stop();
      ends.add((await run.end).kind);
    }
    expect([...ends].every((kind) => kind === 'ran' || kind === 'stopped')).toBe(true);
    expect(await (await hosted.start(network.session, [row(1)])).end).toMatchObject({ kind: 'ran' });
  });

  it('that asks for more memory than there is ends so, and the process lives', async () => {
    const hosted = startRunnerHost({ runMemoryBytes: 256 * 2 ** 20 });
    const network = await hosted.load(mlp(4, 8, 2));
    const { session } = await hosted.load(expand());
    const pid = pidOf(hosted);
    for (let round = 0; round < 3; round++) {
      const run = await hosted.start(session, [fp32([1], [1]), int64([1], [2 ** 29])]);
      expect(await run.end).toMatchObject({ kind: 'outOfMemory', problem: expect.stringMatching(/alloc/i) });
      await hosted.run(network.session, [row(1)]);
    }
    const [few] = await hosted.run(session, [fp32([1], [7]), int64([1], [3])]);
    expect([...new Float32Array(few!.bytes.buffer)]).toEqual([7, 7, 7]);
    expect(pidOf(hosted)).toBe(pid);
    expect(hosted.news).toEqual([]);
  });

  it('leaves the memory that it took to those of other models', async () => {
    const hosted = startRunnerHost({ runMemoryBytes: 256 * 2 ** 20 });
    const models = [await hosted.load(expand()), await hosted.load(expand()), await hosted.load(expand())];
    for (const { session } of [...models, ...models]) {
      const tooMuch = await hosted.start(session, [fp32([1], [1]), int64([1], [2 ** 28])]);
      expect((await tooMuch.end).kind).toBe('outOfMemory');
      const [output] = await hosted.run(session, [fp32([1], [1]), int64([1], [45_000_000])]);
      expect(output!.shape).toEqual([45_000_000]);
    }
    expect(hosted.news).toEqual([]);
  });

  it('has its bound also while a session is made', async () => {
    const hosted = startRunnerHost({ runMemoryBytes: 256 * 2 ** 20 });
    const { session } = await hosted.load(expand());
    const pipe = join(temporaryFolder(), 'model.onnx');
    execFileSync('mkfifo', [pipe]);
    const loading = hosted.load(pipe);
    const run = await hosted.start(session, [fp32([1], [1]), int64([1], [2 ** 29])]);
    expect((await run.end).kind).toBe('outOfMemory');
    writeFileSync(pipe, 'no model');
    await expect(loading).rejects.toMatchObject({ reason: 'MODEL_LOAD_FAILED' });
  });

  it('that fails says why, and fails alone', async () => {
    const hosted = startRunnerHost();
    const { session } = await hosted.load(divide());
    const unequal = await hosted.start(session, [int64([2], [1, 2]), int64([3], [1, 2, 3])]);
    expect(await unequal.end).toMatchObject({ kind: 'failed', problem: expect.stringContaining('Div') });
    expect(hosted.news).toEqual([]);
  });
});

describe('a load in a runner', () => {
  it('that crashes is refused with its signal, and what is loaded serves on', async () => {
    const hosted = startRunnerHost();
    const network = await hosted.load(mlp(4, 8, 2));
    await expect(hosted.load(divideAtLoad())).rejects.toMatchObject({
      reason: 'MODEL_LOAD_CRASHED',
      message: expect.stringContaining('SIGFPE'),
    });
    await hosted.run(network.session, [row(1)]);
    expect(hosted.news).toMatchObject([{ kind: 'death', reason: 'SIGFPE' }]);
  });

  it('beside one that crashes is made after all', async () => {
    const hosted = startRunnerHost();
    const loads = [hosted.load(mlp(4, 8, 2)), hosted.load(divideAtLoad()), hosted.load(slow(512, 3))];
    const [network, crashed, other] = await Promise.allSettled(loads);
    expect(crashed).toMatchObject({ status: 'rejected', reason: { reason: 'MODEL_LOAD_CRASHED' } });
    expect([network!.status, other!.status]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('that hangs gives way to its signal, by the death of the runner if need be', async () => {
    const hosted = startRunnerHost();
    const network = await hosted.load(mlp(4, 8, 2));
    const pipe = join(temporaryFolder(), 'model.onnx');
    execFileSync('mkfifo', [pipe]);
    const stop = new AbortController();
    const hanging = hosted.load(pipe, [], stop.signal);
    // Meanwhile the others serve.
    await hosted.run(network.session, [row(1)]);
    const why = new Error('enough');
    stop.abort(why);
    await expect(hanging).rejects.toBe(why);
    await hosted.run(network.session, [row(1)]);
    expect(hosted.news).toMatchObject([
      { kind: 'death', reason: 'SIGKILL', problem: expect.stringContaining('give way') },
    ]);
  });

  it('that ONNX Runtime refuses says so', async () => {
    const hosted = startRunnerHost();
    await expect(hosted.load(Buffer.from('no model'))).rejects.toMatchObject({ reason: 'MODEL_LOAD_FAILED' });
    expect(hosted.news).toEqual([]);
  });

  it('and release, a hundred times, leave the memory as it was', async () => {
    const hosted = startRunnerHost();
    const model = mlp(256, 1024, 1024, 16);
    const rounds = async (count: number): Promise<number> => {
      for (let round = 0; round < count; round++) {
        const { session } = await hosted.load(model);
        await hosted.run(session, [fp32([1, 256], new Array<number>(256).fill(1))]);
        await hosted.host.unload(session);
      }
      const status = execFileSync('cat', [`/proc/${pidOf(hosted)}/status`], { encoding: 'utf8' });
      return Number(/^RssAnon:\s+(\d+)/m.exec(status)![1]) / 1024;
    };
    const afterTen = await rounds(10);
    const growthMb = (await rounds(90)) - afterTen;
    // The file is 5 MB.
    expect(growthMb).toBeLessThan(15);
  });
});

import { describe, expect, it } from '@jest/globals';
import { datatypeInfo, type Datatype, type Tensor } from '@tributary/contract';
import {
  castTo,
  expand,
  fp32,
  identity,
  int64,
  mlp,
  negateMany,
  optionalBias,
  split,
  strings,
  tensor,
  zipMap,
} from '../testing';
import { runScript } from './child-process';
import { temporaryFolder } from './support';
import { HostedSessions, startRunnerHost } from './hosted-sessions';
import { BindingHost } from '../sessions/binding/binding-host';
import type { Run } from '../sessions/session-host';
import type { PackedTensor } from '../tensors/pack-batch';

const floats = ({ bytes }: PackedTensor): number[] => [...new Float32Array(Uint8Array.from(bytes).buffer)];

describe('values of a run in a runner', () => {
  it('are the same bits for every datatype, empty tensors too', async () => {
    const hosted = startRunnerHost();
    const datatypes: Datatype[] = ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64'];
    for (const datatype of [...datatypes, 'FP16', 'FP32', 'FP64', 'BF16'] satisfies Datatype[]) {
      const { session, inputs } = await hosted.load(identity(datatype, ['n', 2]));
      expect(inputs).toEqual([{ name: 'input', datatype, shape: [-1, 2] }]);
      const bytesPerElement = datatypeInfo(datatype).byteSize!;
      const bytes = Uint8Array.from({ length: 6 * bytesPerElement }, (_, at) =>
        datatype === 'BOOL' ? at % 2 : at * 37 + 1,
      );
      const [whole] = await hosted.run(session, [{ datatype, shape: [3, 2], bytes }]);
      expect([whole!.shape, [...whole!.bytes]]).toEqual([[3, 2], [...bytes]]);
      const [empty] = await hosted.run(session, [{ datatype, shape: [0, 2], bytes: new Uint8Array() }]);
      expect([empty!.shape, empty!.bytes.length]).toEqual([[0, 2], 0]);
    }
  });

  it('may be BF16 that the graph makes', async () => {
    const hosted = startRunnerHost();
    const { session, outputs } = await hosted.load(castTo('BF16'));
    expect(outputs[0]!.datatype).toBe('BF16');
    const [output] = await hosted.run(session, [fp32([1, 4], [1, -2, 0.5, 0])]);
    expect([...new Uint16Array(Uint8Array.from(output!.bytes).buffer)]).toEqual([0x3f80, 0xc000, 0x3f00, 0]);
  });

  it('keep the bytes of texts: NUL, what is no UTF-8, and nothing', async () => {
    const hosted = startRunnerHost();
    const { session } = await hosted.load(identity('BYTES', ['n', 2]));
    for (const texts of [
      ['a', '', 'żółw', 'long '.repeat(5000)],
      ['x\0y', Buffer.from([0xff, 0xfe, 0]), '', '\0'],
    ]) {
      const input = strings([2, 2], texts);
      const [output] = await hosted.run(session, [input]);
      expect(output!.shape).toEqual([2, 2]);
      expect(Buffer.compare(output!.bytes, input.bytes)).toBe(0);
    }
    const [none] = await hosted.run(session, [strings([0, 2], [])]);
    expect([none!.shape, none!.bytes.length]).toEqual([[0, 2], 0]);
  });

  it('may have nine dimensions, or none', async () => {
    const hosted = startRunnerHost();
    const shape = [1, 2, 1, 3, 1, 2, 1, 1, 2];
    const nine = await hosted.load(
      identity(
        'INT64',
        shape.map((_, index) => `d${index}`),
      ),
    );
    const input = int64(
      shape,
      Array.from({ length: 24 }, (_, index) => index),
    );
    const [output] = await hosted.run(nine.session, [input]);
    expect(output!.shape).toEqual(shape);
    expect(Buffer.compare(output!.bytes, input.bytes)).toBe(0);
    const scalar = await hosted.load(identity('FP32', []));
    const [one] = await hosted.run(scalar.session, [fp32([], [7])]);
    expect([one!.shape, floats(one!)]).toEqual([[], [7]]);
  });

  it('may be forty and more, of which some are wanted', async () => {
    const hosted = startRunnerHost();
    const count = 120;
    const { session } = await hosted.load(negateMany(count));
    const inputs = Array.from({ length: count }, (_, index) => fp32([2], [index, -index]));
    const all = await hosted.run(session, inputs);
    expect(all.map(floats)).toEqual(inputs.map((_, index) => [index === 0 ? -0 : -index, index]));
    const [last, first] = await hosted.run(session, inputs, [119, 1]);
    expect([floats(last!), floats(first!)]).toEqual([
      [-119, 119],
      [-1, 1],
    ]);
  });

  it('of a table of classes are one row a map, in the order of the keys', async () => {
    const hosted = startRunnerHost();
    const { session, outputs } = await hosted.load(zipMap([30, 10, 20]));
    expect(outputs).toEqual([{ name: 'scores', datatype: 'FP32', shape: [-1, -1] }]);
    const [table] = await hosted.run(session, [fp32([2, 3], [3, 1, 2, 6, 4, 5])]);
    expect([table!.shape, floats(table!)]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it('of a sequence are stacked, or the run fails with words where their shapes differ', async () => {
    const hosted = startRunnerHost();
    const { session, outputs } = await hosted.load(split(2));
    expect(outputs).toEqual([{ name: 'parts', datatype: 'FP32', shape: [-1, -1, 2] }]);
    const [stacked] = await hosted.run(session, [fp32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8])]);
    expect([stacked!.shape, floats(stacked!)]).toEqual([
      [2, 2, 2],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
    const uneven = await hosted.start(session, [fp32([3, 2], [1, 2, 3, 4, 5, 6])]);
    expect(await uneven.end).toMatchObject({ kind: 'failed', problem: expect.stringContaining('different shapes') });
  });

  it('of inputs with a default may be left out', async () => {
    const hosted = startRunnerHost();
    const bias = { name: 'bias', datatype: 'FP32', shape: [2] } as const;
    const { session, inputs } = await hosted.load(optionalBias(), [bias]);
    expect(inputs.map(({ name }) => name)).toEqual(['input', 'bias']);
    const [given] = await hosted.run(session, [fp32([2], [1, 2]), fp32([2], [3, 3])]);
    const [leftOut] = await hosted.run(session, [fp32([2], [1, 2]), undefined]);
    expect([floats(given!), floats(leftOut!)]).toEqual([
      [4, 5],
      [11, 22],
    ]);
  });

  it('that are larger than the last time are copied once there is room, whatever came before', async () => {
    const hosted = startRunnerHost({ sharedBytes: 2 ** 25 });
    const { session } = await hosted.load(identity('UINT8', ['n']));
    for (const length of [1, 3_000_000, 5, 6_000_000, 0, 4097]) {
      const bytes = Uint8Array.from({ length }, (_, at) => at * 31);
      const [output] = await hosted.run(session, [{ datatype: 'UINT8', shape: [length], bytes }]);
      expect(Buffer.compare(output!.bytes, bytes)).toBe(0);
    }
    expect(hosted.host.memory.take(hosted.host.memory.mostBytes)).toBeDefined();
  });

  it('are no more bytes than the owner wants to have', async () => {
    const hosted = startRunnerHost({ maxOutputBytes: 10_000 });
    const { session } = await hosted.load(identity('UINT8', ['n']));
    const input = (length: number) => tensor('UINT8', [length], new Uint8Array(length));
    const tooLarge = await hosted.start(session, [input(10_001)]);
    expect(await tooLarge.end).toMatchObject({ kind: 'tooLarge', outputBytes: 10_001 });
    expect((await hosted.run(session, [input(10_000)]))[0]!.bytes.length).toBe(10_000);
  });

  it('come with what the file says of itself', async () => {
    const hosted = startRunnerHost();
    const { metadata, outputs } = await hosted.load(mlp(4, 2));
    expect(metadata).toMatchObject({ producer: 'tributary-testing', graphName: 'graph', modelVersion: '' });
    expect(metadata.dimensionNames.get('input')).toEqual(['batch', '']);
    expect(outputs).toEqual([{ name: 'output', datatype: 'FP32', shape: [-1, 2] }]);
  });

  it('wait for room where they are larger than what is free, and give way to a stop', async () => {
    const hosted = startRunnerHost({ sharedBytes: 2 ** 24 });
    const { memory } = hosted.host;
    const { session } = await hosted.load(expand());
    const inputs = (count: number): Tensor[] => [fp32([1], [5]), int64([1], [count])];
    const half = memory.take(memory.mostBytes)!;
    // Six million bytes of output take the other half, where inputs lie.
    const [waiting, stopped] = [
      await hosted.start(session, inputs(1_500_000)),
      await hosted.start(session, inputs(1_500_000)),
    ];
    stopped.stop();
    expect(await stopped.end).toEqual({ kind: 'stopped' });
    expect((await hosted.run(session, inputs(2)))[0]!.shape).toEqual([2]);
    expect(waiting.ends).toBe(0);
    memory.give(half);
    expect(await waiting.end).toMatchObject({ kind: 'ran', outputs: [{ shape: [1_500_000] }] });
  });

  it('begin once there is room for what describes them', async () => {
    const hosted = startRunnerHost({ sharedBytes: 2 ** 20 });
    const { memory } = hosted.host;
    const { session } = await hosted.load(mlp(1, 1));
    await hosted.until(() => hosted.host.lanes.every((lane) => lane.isFree && lane.holds(session)));
    const run = (): Omit<Run, 'onEnd'> => ({
      session,
      inputs: [{ shape: [1, 1], bytes: memory.take(4)! }],
      outputs: undefined,
    });
    const [waiting, stopped] = [run(), run()];
    const blocks: Uint8Array<ArrayBuffer>[] = [];
    for (let size = memory.mostBytes; size >= 256; size /= 2) {
      for (let block = memory.take(size); block !== undefined; block = memory.take(size)) blocks.push(block);
    }
    const runs = [waiting, stopped].map((what, lane) => hosted.startPacked(hosted.host.lanes[lane]!, what));
    runs[1]!.stop();
    expect(await runs[1]!.end).toEqual({ kind: 'stopped' });
    expect(runs[0]!.ends).toBe(0);
    for (const block of blocks) memory.give(block);
    expect(await runs[0]!.end).toMatchObject({ kind: 'ran' });
  });

  it('wait for memory that runs have taken', async () => {
    const hosted = startRunnerHost({ sharedBytes: 2 ** 23 });
    const { memory } = hosted.host;
    const [first] = [memory.take(memory.mostBytes)!, memory.take(memory.mostBytes)];
    expect(memory.take(memory.mostBytes)).toBeUndefined();
    const told = hosted.until(() => memory.take(memory.mostBytes) !== undefined);
    memory.give(first);
    await told;
    expect(memory.take(memory.mostBytes * 4)).toBeUndefined();
  });
});

describe('on a thread of this process', () => {
  it('the same runner answers the same, and its runs can be stopped', async () => {
    const hosted = startRunnerHost({ isolation: 'thread' });
    const { session } = await hosted.load(zipMap([1, 2]));
    const [table] = await hosted.run(session, [fp32([1, 2], [0.25, 0.75])]);
    expect(floats(table!)).toEqual([0.25, 0.75]);
    expect(hosted.host.kill('there is nothing to kill')).toBe(false);
    await hosted.host.unload(session);
  });
});

describe('a process with a runner on a thread', () => {
  it('can exit in the middle of a run', async () => {
    const folder = temporaryFolder();
    expect(await runScript('exit-process.js', [folder], folder)).toEqual({
      lines: [{ exits: true }],
      stderr: '',
      code: 0,
      signal: null,
    });
  });
});

describe("onnxruntime-node's binding", () => {
  it('serves where koffi cannot be loaded, and says what it cannot', async () => {
    const hosted = new HostedSessions((events) => new BindingHost({ lanes: 2, maxOutputBytes: 1000, events }));
    const { session, metadata } = await hosted.load(identity('INT64', ['n', 2]));
    expect(metadata.dimensionNames.get('input')).toEqual(['n', '']);
    const input = int64([2, 2], [1, 2, 3, 4]);
    const [output] = await hosted.run(session, [input]);
    expect(Buffer.compare(output!.bytes, input.bytes)).toBe(0);
    const tooLarge = await hosted.start(session, [int64([63, 2], new Array<number>(126).fill(1))]);
    expect(await tooLarge.end).toMatchObject({ kind: 'tooLarge', outputBytes: 1008 });
    await expect(hosted.load(zipMap([1, 2]))).rejects.toMatchObject({ reason: 'MODEL_UNSUPPORTED' });
    // The library behind it knows no such type.
    await expect(hosted.load(identity('BF16', ['n']))).rejects.toMatchObject({ reason: 'MODEL_LOAD_FAILED' });
    await expect(hosted.load(Buffer.from('no model'))).rejects.toMatchObject({ reason: 'MODEL_LOAD_FAILED' });
    await hosted.host.unload(session);
    expect(hosted.host.lanes.some((lane) => lane.holds(session))).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Datatype, Tensor } from '@tributary/contract';
import { add, castTo, fp32, fp32Values, identity, int64, mlp, strings, stringValues, tensor } from '../testing';
import { neverAborted, outcomeOf, output, refusalOf, request, startEngine } from './support';

const samples: readonly [Datatype, ArrayBufferView][] = [
  ['BOOL', Uint8Array.of(0, 1, 1, 0)],
  ['UINT8', Uint8Array.of(0, 1, 127, 255)],
  ['UINT16', Uint16Array.of(0, 1, 32768, 65535)],
  ['UINT32', Uint32Array.of(0, 1, 2 ** 31, 2 ** 32 - 1)],
  ['UINT64', BigUint64Array.of(0n, 1n, 2n ** 63n, 2n ** 64n - 1n)],
  ['INT8', Int8Array.of(0, -1, -128, 127)],
  ['INT16', Int16Array.of(0, -1, -32768, 32767)],
  ['INT32', Int32Array.of(0, -1, -(2 ** 31), 2 ** 31 - 1)],
  ['INT64', BigInt64Array.of(0n, -1n, -(2n ** 63n), 2n ** 63n - 1n)],
  // Zero, a subnormal, infinity, a NaN with a payload.
  ['FP16', Uint16Array.of(0x8000, 0x0001, 0x7c00, 0x7e01)],
  ['FP32', Uint32Array.of(0x80000000, 0x00000001, 0xff800000, 0x7fc00123)],
  ['FP64', BigUint64Array.of(1n << 63n, 1n, 0x7ff0000000000000n, 0x7ff8000000000123n)],
];

describe('a bare repository', () => {
  it('serves a file without any configuration, its metadata read from the file', async () => {
    const engine = await startEngine({ net: { model: mlp(3, 8, 2) } });
    expect(engine.models()).toMatchObject([
      {
        name: 'net',
        version: '1',
        state: 'READY',
        reason: '',
        task: '',
        servedByDefault: true,
        inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 3] }],
        outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 2] }],
        batched: true,
      },
    ]);
    const { version, outputs, timing } = await engine.infer(
      request('net', { input: fp32([2, 3], [1, 2, 3, 4, 5, 6]) }),
    );
    expect(version).toBe('1');
    expect(output(outputs, 'output').shape).toEqual([2, 2]);
    expect(timing.batchSize).toBe(2);
    expect(timing.inferenceUs).toBeGreaterThan(0);
  });

  it.each(samples)('case 9, 10: %s passes unchanged, bit by bit, at any alignment', async (datatype, data) => {
    const engine = await startEngine({ same: { model: identity(datatype, ['n', 4]) } });
    const aligned = tensor(datatype, [1, 4], data);
    for (const offset of [0, 1, 2, 3]) {
      const shifted = new Uint8Array(aligned.bytes.length + offset);
      shifted.set(aligned.bytes, offset);
      const input: Tensor = { ...aligned, bytes: shifted.subarray(offset) };
      const { outputs } = await engine.infer(request('same', { input }));
      expect(Buffer.from(output(outputs, 'output').bytes)).toEqual(Buffer.from(aligned.bytes));
    }
  });

  it('case 11: strings pass unchanged, empty ones and any script', async () => {
    const texts = ['', 'plain', '日本語', '👩‍👩‍👧', 'e\u0301', ''];
    const engine = await startEngine({ same: { model: identity('BYTES', ['n', 2]) } });
    const { outputs } = await engine.infer(request('same', { input: strings([3, 2], texts) }));
    expect(stringValues(output(outputs, 'output'))).toEqual(texts);
  });

  it('cuts strings out of a shared batch by their lengths', async () => {
    const engine = await startEngine({ same: { model: identity('BYTES', ['n']) } });
    const calls = ['a', 'bcd', '', 'ö'].map((text) => engine.infer(request('same', { input: strings([1], [text]) })));
    const answers = await Promise.all(calls);
    expect(answers.map(({ outputs }) => stringValues(output(outputs, 'output')))).toEqual([
      ['a'],
      ['bcd'],
      [''],
      ['ö'],
    ]);
    expect(answers[3]!.timing.batchSize).toBe(4);
  });

  it('answers scalars and fixed shapes as declared, unbatched', async () => {
    const engine = await startEngine({ scalar: { model: identity('FP32', []) }, sum: { model: add([2, 2]) } });
    expect(engine.resolve('sum')).toMatchObject({
      batched: false,
      maxBatchSize: 1,
      inputs: [{ shape: [2, 2] }, { shape: [2, 2] }],
    });
    const scalar = await engine.infer(request('scalar', { input: fp32([], [1.5]) }));
    expect(output(scalar.outputs, 'output')).toMatchObject({ shape: [] });
    expect(fp32Values(output(scalar.outputs, 'output'))).toEqual([1.5]);
    const sum = await engine.infer(
      request('sum', { a: fp32([2, 2], [1, 2, 3, 4]), b: fp32([2, 2], [10, 20, 30, 40]) }),
    );
    expect(fp32Values(output(sum.outputs, 'sum'))).toEqual([11, 22, 33, 44]);
  });

  it('converts into every datatype of an output', async () => {
    const engine = await startEngine({ cast: { model: castTo('INT64') } });
    const { outputs } = await engine.infer(request('cast', { input: fp32([1, 4], [-1, 0, 2, 2 ** 40]) }));
    expect(output(outputs, 'output')).toMatchObject({ datatype: 'INT64', shape: [1, 4] });
    expect(Buffer.from(output(outputs, 'output').bytes)).toEqual(Buffer.from(int64([1, 4], [-1, 0, 2, 2 ** 40]).bytes));
  });

  it('returns only the outputs that are asked for', async () => {
    const engine = await startEngine({ net: { model: mlp(3, 2) } });
    const { outputs } = await engine.infer(request('net', { input: fp32([1, 3], [1, 2, 3]) }, { outputs: ['output'] }));
    expect([...outputs.keys()]).toEqual(['output']);
  });
});

describe('bad input', () => {
  const input = fp32([1, 3], [1, 2, 3]);

  it.each([
    ['case 1: an unknown model', 'other', {}, 'MODEL_NOT_FOUND'],
    ['case 2: an empty name', '', {}, 'MODEL_NAME_MISSING'],
    ['case 2: a path', '../../etc/passwd', {}, 'MODEL_NAME_INVALID'],
    ['case 2: a name of a prototype', '__proto__', {}, 'MODEL_NAME_INVALID'],
    ['case 2: a name every object has', 'constructor', {}, 'MODEL_NOT_FOUND'],
    ['case 2: half a surrogate pair', '\ud83d', {}, 'MODEL_NAME_INVALID'],
    ['case 3: an unknown version', 'net', { version: '2' }, 'MODEL_VERSION_NOT_FOUND'],
    ['case 3: a version of letters', 'net', { version: 'abc' }, 'MODEL_VERSION_INVALID'],
    ['case 3: version 2^63', 'net', { version: '9223372036854775808' }, 'MODEL_VERSION_INVALID'],
    ['case 3: version -1', 'net', { version: '-1' }, 'MODEL_VERSION_INVALID'],
    ['case 4: a missing input', 'net', { inputs: new Map() }, 'INPUT_COUNT'],
    ['case 4: an unknown input', 'net', { inputs: new Map([['x', input]]) }, 'INPUT_UNEXPECTED'],
    [
      'case 4: one input too many',
      'net',
      {
        inputs: new Map([
          ['input', input],
          ['x', input],
        ]),
      },
      'INPUT_COUNT',
    ],
    ['case 4: an unknown output', 'net', { outputs: ['nope'] }, 'OUTPUT_UNEXPECTED'],
    ['case 4: an output twice', 'net', { outputs: ['output', 'output'] }, 'OUTPUT_DUPLICATE'],
  ])('%s is refused', async (_name, model, more, reason) => {
    const engine = await startEngine({ net: { model: mlp(3, 2) } });
    expect(await outcomeOf(engine.infer(request(model, { input }, more)))).toBe(reason);
  });

  const huge = { datatype: 'FP32', bytes: new Uint8Array(0) } as const;
  it.each([
    ['case 5: another datatype', tensor('FP64', [1, 3], Float64Array.of(1, 2, 3)), 'DATATYPE_MISMATCH'],
    ['case 5: another rank', fp32([3], [1, 2, 3]), 'SHAPE_MISMATCH'],
    ['case 5: another fixed dimension', fp32([1, 2], [1, 2]), 'SHAPE_MISMATCH'],
    ['case 6: a dimension of -1', { ...huge, shape: [-1, 3] }, 'SHAPE_INVALID'],
    ['case 6: a dimension of 2^31', { ...huge, shape: [2 ** 31, 3] }, 'SHAPE_INVALID'],
    ['case 6: a product beyond counting', { ...huge, shape: [65536, 65536, 65536, 65536] }, 'SHAPE_INVALID'],
    ['case 6: 10,000 dimensions', { ...huge, shape: new Array<number>(10_000).fill(1) }, 'SHAPE_INVALID'],
    ['case 6: [2^32, 0]', { ...huge, shape: [2 ** 32, 0] }, 'SHAPE_INVALID'],
    ['case 7: a byte too few', { ...input, bytes: input.bytes.subarray(1) }, 'BYTE_SIZE_MISMATCH'],
    ['case 7: a byte too many', { ...input, bytes: new Uint8Array(13) }, 'BYTE_SIZE_MISMATCH'],
  ])('%s is refused before ONNX Runtime is called', async (_name, bad, reason) => {
    const engine = await startEngine({ net: { model: mlp(3, 2) } });
    let runs = 0;
    engine.observe({ batchRan: () => runs++ });
    const error = await refusalOf(engine.infer(request('net', { input: bad })));
    expect(error.reason).toBe(reason);
    expect(runs).toBe(0);
    await engine.infer(request('net', { input }));
    expect(runs).toBe(1);
  });

  it('more rows than model.json allows are refused; without model.json any number is answered', async () => {
    const settings = { batching: { maxBatchSize: 8 } };
    const engine = await startEngine({ bounded: { model: mlp(3, 2), settings }, free: { model: mlp(3, 2) } });
    const many = fp32([100, 3], new Array<number>(300).fill(1));
    expect(await outcomeOf(engine.infer(request('bounded', { input: many })))).toBe('BATCH_TOO_LARGE');
    const { outputs } = await engine.infer(request('free', { input: many }));
    expect(output(outputs, 'output').shape).toEqual([100, 2]);
  });

  it('case 11: bytes of strings come back as they are, NUL and what is no UTF-8 included', async () => {
    const engine = await startEngine({ same: { model: identity('BYTES', ['n']) } });
    const input = strings([3], ['a\0b', Uint8Array.of(0xed, 0xa0, 0xbd), Uint8Array.of(0xff, 0xfe)]);
    const { outputs } = await engine.infer(request('same', { input }));
    expect(Buffer.compare(output(outputs, 'output').bytes, input.bytes)).toBe(0);
  });

  it('case 5: names what was expected and what came', async () => {
    const engine = await startEngine({ net: { model: mlp(3, 2) } });
    const error = await refusalOf(engine.infer(request('net', { input: fp32([1, 2], [1, 2]) })));
    expect(error.message).toContain("unexpected shape for input 'input' for model 'net'. Expected [-1,3], got [1,2].");
    expect(error.details).toEqual({ field: "inputs['input'].shape", expected: '[-1,3]', got: '[1,2]' });
  });

  it('refuses inputs of one request that differ in their rows', async () => {
    const engine = await startEngine({ sum: { model: add(['n', 2]) } });
    const call = engine.infer(request('sum', { a: fp32([1, 2], [1, 2]), b: fp32([2, 2], [1, 2, 3, 4]) }));
    expect(await outcomeOf(call)).toBe('BATCH_SIZE_MISMATCH');
  });

  it('case 8: an empty tensor is answered where a dimension may be 0, else refused', async () => {
    const engine = await startEngine({
      open: { model: identity('FP32', ['n', 3]) },
      shut: { model: identity('FP32', [2, 3]) },
    });
    const empty = fp32([0, 3], []);
    const { outputs } = await engine.infer(request('open', { input: empty }));
    expect(output(outputs, 'output')).toMatchObject({ shape: [0, 3] });
    expect(await outcomeOf(engine.infer(request('shut', { input: empty })))).toBe('SHAPE_MISMATCH');
  });

  it('case 9: NaN and infinities are refused where model.json says so', async () => {
    const engine = await startEngine({
      strict: { model: identity('FP32', ['n', 2]), settings: { rejectNonFinite: true } },
      strict16: { model: identity('FP16', ['n', 2]), settings: { rejectNonFinite: true } },
    });
    for (const bad of [NaN, Infinity, -Infinity]) {
      const error = await refusalOf(engine.infer(request('strict', { input: fp32([1, 2], [1, bad]) })));
      expect(error.reason).toBe('NON_FINITE');
      expect(error.message).toContain('element 1');
    }
    expect(await outcomeOf(engine.infer(request('strict', { input: fp32([1, 2], [3e38, -0]) })))).toBe('answered');
    const half = (bits: number): Tensor => tensor('FP16', [1, 2], Uint16Array.of(0x3c00, bits));
    expect(await outcomeOf(engine.infer(request('strict16', { input: half(0x7c00) })))).toBe('NON_FINITE');
    expect(await outcomeOf(engine.infer(request('strict16', { input: half(0x7bff) })))).toBe('answered');
  });

  it('case 10: a BOOL that is neither 0 nor 1 is refused', async () => {
    const engine = await startEngine({ same: { model: identity('BOOL', ['n']) } });
    expect(await outcomeOf(engine.infer(request('same', { input: tensor('BOOL', [2], Uint8Array.of(1, 2)) })))).toBe(
      'BOOL_INVALID',
    );
  });

  it.each([
    ['an element too few', strings([2], ['a']), 'STRING_COUNT'],
    ['an element too many', strings([1], ['a', 'b']), 'STRING_COUNT'],
    ['a length cut off', { ...strings([1], ['a']), bytes: Uint8Array.of(1, 0) }, 'STRING_FRAMING'],
    ['an element cut off', { ...strings([1], ['a']), bytes: Uint8Array.of(9, 0, 0, 0, 97) }, 'STRING_FRAMING'],
  ])('case 11: a string tensor with %s is refused', async (_name, input, reason) => {
    const engine = await startEngine({ same: { model: identity('BYTES', ['n']) } });
    expect(await outcomeOf(engine.infer(request('same', { input })))).toBe(reason);
  });

  it('refuses an aborted call without counting a run', async () => {
    const engine = await startEngine({ net: { model: mlp(3, 2) } });
    const signal = AbortSignal.any([neverAborted(), AbortSignal.abort()]);
    expect(await outcomeOf(engine.infer(request('net', { input }, { signal })))).toBe('CANCELLED');
  });
});

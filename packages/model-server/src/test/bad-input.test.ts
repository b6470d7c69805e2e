import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inference, statusName, type Datatype, type Tensor } from '@tributary/contract';
import { add, fp32, identity, int64, strings, stringValues, tensor } from '@tributary/engine/testing';
import {
  refusalOf,
  startTestServer,
  temporaryRepository,
  type Refusal,
  type TemporaryRepository,
  type TestServer,
} from '../testing';

const modelInfer = 'inference.GRPCInferenceService/ModelInfer';
type InferRequest = Parameters<typeof inference.ModelInferRequest.encode>[0];

const datatypes: Datatype[] = ['BOOL', 'FP16', 'FP32', 'FP64', 'INT64', 'UINT64', 'INT8', 'BYTES'];

let repository: TemporaryRepository;
let server: TestServer;

beforeAll(async () => {
  const identities = datatypes.map((datatype) => [
    `identity-${datatype.toLowerCase()}`,
    { model: identity(datatype, ['n']), settings: { batching: { maxBatchSize: 1 } } },
  ]);
  repository = temporaryRepository({
    ...(Object.fromEntries(identities) as Record<string, { model: Uint8Array }>),
    sum: { model: add(['batch', 3]) },
    pair: { model: identity('FP32', [2]) },
    finite: { model: identity('FP32', ['n']), settings: { rejectNonFinite: true } },
    versioned: { model: identity('FP32', ['n']) },
  });
  server = await startTestServer({ repository: repository.folder });
});

afterAll(async () => {
  await server.close();
  repository.remove();
});

/** Whatever was thrown at it, it still answers. */
async function expectAlive(): Promise<void> {
  const inputs = new Map([['input', fp32([2], [1, 2])]]);
  expect((await server.client.infer({ model: 'pair', inputs })).version).toBe('1');
}

function infer(request: InferRequest): Promise<unknown> {
  return server.client.call(modelInfer, request);
}

/** A request of one raw tensor for a model whose input is `input`. */
function single(modelName: string, { datatype, shape, bytes }: Tensor): InferRequest {
  return { modelName, inputs: [{ name: 'input', datatype, shape: [...shape] }], rawInputContents: [bytes] };
}

/** Both inputs of `sum`, changed by `change`. */
function sumRequest(
  change: (request: Required<Pick<InferRequest, 'inputs' | 'rawInputContents'>>) => void,
): InferRequest {
  const request = {
    inputs: ['a', 'b'].map((name) => ({ name, datatype: 'FP32', shape: [1, 3] })),
    rawInputContents: [fp32([1, 3], [1, 2, 3]).bytes, fp32([1, 3], [1, 2, 3]).bytes] as Uint8Array[],
  };
  change(request);
  return { modelName: 'sum', ...request };
}

/** Runs of ONNX Runtime since the start. */
async function runs(): Promise<number> {
  const samples = await server.metrics();
  return [...samples]
    .filter(([name]) => name.startsWith('nv_inference_exec_count'))
    .reduce((sum, [, value]) => sum + value, 0);
}

const refused = (request: InferRequest): Promise<Refusal> => refusalOf(infer(request));

describe('bad input', () => {
  it('case 1: an unknown model is NOT_FOUND, and named', async () => {
    const text = "Request for unknown model: 'nobody' is not found";
    expect(await refused({ modelName: 'nobody' })).toMatchObject({
      status: 'NOT_FOUND',
      reason: 'MODEL_NOT_FOUND',
      message: text,
    });
    expect(await refused({ modelName: 'nobody', id: 'id 1' })).toMatchObject({ message: `[request id: id 1] ${text}` });
    for (const rpc of ['ModelReady', 'ModelMetadata'] as const) {
      const call = server.client.call(`inference.GRPCInferenceService/${rpc}`, { name: 'nobody' });
      expect(await refusalOf(call)).toMatchObject({ status: 'NOT_FOUND', message: text });
    }
  });

  it.each([
    ['../../etc/passwd', 'MODEL_NAME_INVALID'],
    ['..', 'MODEL_NAME_INVALID'],
    ['/etc/passwd', 'MODEL_NAME_INVALID'],
    ['m/sub', 'MODEL_NAME_INVALID'],
    [' ..', 'MODEL_NAME_INVALID'],
    ['\t', 'MODEL_NAME_INVALID'],
    ['a'.repeat(10_240), 'MODEL_NAME_INVALID'],
    ['__proto__', 'MODEL_NAME_INVALID'],
    ['constructor', 'MODEL_NOT_FOUND'],
    ['', 'MODEL_NAME_MISSING'],
  ])('case 2: the model name %j is refused with %s', async (modelName, reason) => {
    const refusal = await refused({ modelName });
    expect(refusal).toMatchObject({ reason, status: reason === 'MODEL_NOT_FOUND' ? 'NOT_FOUND' : 'INVALID_ARGUMENT' });
    if (reason === 'MODEL_NAME_INVALID') expect(refusal.message).not.toContain(modelName.trim() || '\t');
    await expectAlive();
  });

  it('case 2: a name that is not UTF-8 is malformed', async () => {
    const request = Buffer.from([0x0a, 3, 0xed, 0xa0, 0xbd]);
    const answer = await server.client.callBytes(`/${modelInfer}`, request);
    expect(statusName(answer.code)).toBe('INVALID_ARGUMENT');
    await expectAlive();
  });

  it.each([
    ['99', 'NOT_FOUND', "Request for unknown model: 'versioned' version 99 is not found"],
    ['9223372036854775808', 'INVALID_ARGUMENT', 'failed to get model version'],
    ['-1', 'INVALID_ARGUMENT', "failed to get model version from specified version string '-1' (details: stol)"],
    ['abc', 'INVALID_ARGUMENT', 'version should be an integral value > 0'],
  ])('case 3: version %s is %s', async (modelVersion, status, text) => {
    const request = { ...single('versioned', fp32([1], [1])), modelVersion };
    const refusal = await refused(request);
    expect(refusal.status).toBe(status);
    expect(refusal.message).toContain(text);
  });

  it('case 4: missing, unknown and doubled inputs and outputs are named', async () => {
    expect(await refused(sumRequest((r) => void (r.inputs!.pop(), r.rawInputContents!.pop())))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'INPUT_COUNT',
      message: expect.stringContaining("expected 2 inputs but got 1 inputs for model 'sum'"),
    });
    expect(await refused(sumRequest((r) => (r.inputs![1]!.name = 'c')))).toMatchObject({
      reason: 'INPUT_UNEXPECTED',
      message: "unexpected inference input 'c' for model 'sum'",
    });
    expect(await refused({ ...sumRequest((r) => (r.inputs![1]!.name = 'a')), id: '9' })).toMatchObject({
      reason: 'INPUT_DUPLICATE',
      field: 'inputs[1].name',
      message: expect.stringMatching(/^\[request id: 9\] /),
    });
    const asking = (...names: string[]): InferRequest => ({
      ...sumRequest(() => undefined),
      outputs: names.map((name) => ({ name })),
    });
    expect(await refused(asking('nothing'))).toMatchObject({
      reason: 'OUTPUT_UNEXPECTED',
      message: "unexpected inference output 'nothing' for model 'sum'",
    });
    expect(await refused(asking('sum', 'sum'))).toMatchObject({ reason: 'OUTPUT_DUPLICATE', field: 'outputs[1].name' });
  });

  it('case 5: a wrong datatype, rank or fixed dimension is refused before ONNX Runtime sees it', async () => {
    const before = await runs();
    expect(await refused(sumRequest((r) => (r.inputs![0]!.datatype = 'INT32')))).toMatchObject({
      reason: 'DATATYPE_MISMATCH',
      message: "inference input 'a' data-type is 'INT32', but model 'sum' expects 'FP32'",
      expected: 'FP32',
      got: 'INT32',
    });
    expect(await refused(sumRequest((r) => (r.inputs![0]!.datatype = 'FP8')))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'DATATYPE_UNSUPPORTED',
    });
    expect(await refused(sumRequest((r) => (r.inputs![0]!.shape = [3])))).toMatchObject({
      reason: 'SHAPE_MISMATCH',
      message: expect.stringContaining("unexpected shape for input 'a' for model 'sum'. Expected [-1,3], got [3]."),
      expected: '[-1,3]',
      got: '[3]',
    });
    expect(await refused(sumRequest((r) => (r.inputs![0]!.shape = [1, 4])))).toMatchObject({
      reason: 'SHAPE_MISMATCH',
    });
    expect(await runs()).toBe(before);
  });

  it.each([
    [[-1, 3]],
    [[2 ** 31, 3]],
    [[65536, 65536, 65536, 65536]],
    [new Array<number>(10_000).fill(1)],
    [[2 ** 32, 0]],
  ])('case 6: the shape %j is refused', async (shape) => {
    const refusal = await refused(sumRequest((r) => (r.inputs![0]!.shape = shape)));
    expect(refusal.status).toBe('INVALID_ARGUMENT');
    expect(['SHAPE_INVALID', 'SHAPE_MISMATCH']).toContain(refusal.reason);
    await expectAlive();
  });

  it.each([0, 11, 13, 24])('case 7: %i bytes are refused where 12 are needed', async (length) => {
    const refusal = await refused(sumRequest((r) => (r.rawInputContents![0] = new Uint8Array(length))));
    expect(refusal).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'BYTE_SIZE_MISMATCH',
      message: `input byte size mismatch for input 'a' for model 'sum'. Expected 12, got ${length}`,
    });
  });

  it('case 8: a tensor without elements is answered where the model allows it, else refused', async () => {
    const empty = tensor('FP32', [0], new Float32Array(0));
    const inputs = new Map([['input', empty]]);
    const { outputs } = await server.client.infer({ model: 'identity-fp32', inputs });
    expect(outputs.get('output')).toMatchObject({ shape: [0] });
    expect(await refusalOf(server.client.infer({ model: 'pair', inputs }))).toMatchObject({ reason: 'SHAPE_MISMATCH' });
    await expectAlive();
  });

  it('case 9: NaN and infinities come back bit by bit, or are refused where the model says so', async () => {
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x7f800000, 0xff800000);
    const strange = tensor('FP32', [4], bits);
    const { outputs } = await server.client.infer({ model: 'identity-fp32', inputs: new Map([['input', strange]]) });
    expect(Buffer.from(outputs.get('output')!.bytes)).toEqual(Buffer.from(bits.buffer));
    expect(await refused(single('finite', strange))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'NON_FINITE',
    });
  });

  it.each([
    ['INT64', int64([3], [-(2n ** 63n), 2n ** 63n - 1n, -1])],
    ['UINT64', tensor('UINT64', [2], BigUint64Array.of(0n, 2n ** 64n - 1n))],
    ['FP16', tensor('FP16', [4], Uint16Array.of(0x0001, 0x7bff, 0x7e01, 0x8000))],
    ['FP64', tensor('FP64', [2], Float64Array.of(Number.MIN_VALUE, -0))],
    ['INT8', tensor('INT8', [2], Int8Array.of(-128, 127))],
    ['BOOL', tensor('BOOL', [2], Uint8Array.of(0, 1))],
  ])('case 10: the extremes of %s come back exactly', async (datatype, extremes) => {
    const model = `identity-${datatype.toLowerCase()}`;
    const { outputs } = await server.client.infer({ model, inputs: new Map([['input', extremes]]) });
    expect(outputs.get('output')?.datatype).toBe(datatype);
    expect(Buffer.from(outputs.get('output')!.bytes)).toEqual(Buffer.from(extremes.bytes));
  });

  it('case 10: a BOOL of another byte than 0 or 1 is refused', async () => {
    expect(await refused(single('identity-bool', tensor('BOOL', [2], Uint8Array.of(1, 2))))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'BOOL_INVALID',
    });
  });

  it('case 11: texts come back exactly, empty ones, emoji and CJK included', async () => {
    const texts = ['', '👩‍👩‍👧 family', '統一碼', 'naïve'];
    const inputs = new Map([['input', strings([4], texts)]]);
    const { outputs } = await server.client.infer({ model: 'identity-bytes', inputs });
    expect(stringValues(outputs.get('output')!)).toEqual(texts);
  });

  it('case 11: bytes that are no text, and texts with NUL, come back exactly', async () => {
    const elements = [Buffer.from('nul\0x'), Buffer.from([0xc3, 0x28]), Buffer.from([0xff, 0x00])];
    const input = strings([3], elements);
    const { outputs } = await server.client.infer({ model: 'identity-bytes', inputs: new Map([['input', input]]) });
    expect(Buffer.from(outputs.get('output')!.bytes)).toEqual(Buffer.from(input.bytes));
  });

  it('case 11: elements that are cut off or too many are refused', async () => {
    const whole = strings([2], ['one', 'two']);
    for (const [bytes, reason] of [
      [whole.bytes.subarray(0, whole.bytes.length - 1), 'STRING_FRAMING'],
      [strings([3], ['one', 'two', 'three']).bytes, 'STRING_COUNT'],
    ] as const) {
      expect(await refused(single('identity-bytes', { ...whole, bytes }))).toMatchObject({
        status: 'INVALID_ARGUMENT',
        reason,
      });
    }
    const cutOff = { datatype: 'BYTES', shape: [1], bytes: Uint8Array.of(9, 0, 0, 0, 65) } as const;
    expect(await refused(single('identity-bytes', cutOff))).toMatchObject({ reason: 'STRING_FRAMING' });
  });

  it('case 12: garbage, cut off and deeply nested messages are refused on every RPC with a request', async () => {
    const good = inference.ModelInferRequest.encode(sumRequest(() => undefined)).finish();
    let nested = Buffer.alloc(0);
    for (let depth = 0; depth < 5000; depth++) {
      nested = Buffer.concat([Buffer.from([0x2b]), nested, Buffer.from([0x2c])]);
    }
    const messages = [good.subarray(0, good.length - 3), Buffer.from('garbage'), Buffer.from([0xff, 0xff]), nested];
    for (const message of messages) {
      for (const rpc of ['ModelInfer', 'ModelMetadata', 'ModelReady']) {
        const { code } = await server.client.callBytes(`/inference.GRPCInferenceService/${rpc}`, message);
        // A message that can be read as one without the fields of this RPC names no model.
        expect(`${rpc}: ${statusName(code)}`).toBe(`${rpc}: INVALID_ARGUMENT`);
      }
    }
    await expectAlive();
  });

  it('case 12: unknown fields are skipped', async () => {
    const known = Buffer.from(inference.ModelInferRequest.encode(sumRequest(() => undefined)).finish());
    const unknown = Buffer.from([0xfa, 0x01, 3, 1, 2, 3]);
    const { code } = await server.client.callBytes(`/${modelInfer}`, Buffer.concat([unknown, known]));
    expect(statusName(code)).toBe('OK');
  });

  it('refuses sequences and shared memory by parameter', async () => {
    const withParameter = (name: string): InferRequest => ({
      ...sumRequest(() => undefined),
      parameters: { [name]: { int64Param: 5 } },
    });
    expect(await refused(withParameter('sequence_id'))).toMatchObject({ reason: 'PARAMETER_UNSUPPORTED' });
    expect(await refused(withParameter('triton_secret'))).toMatchObject({ reason: 'PARAMETER_RESERVED' });
  });
});

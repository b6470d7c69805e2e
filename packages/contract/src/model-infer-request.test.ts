import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Long from 'long';
import { Writer } from 'protobufjs/minimal';
import { inference } from '../gen/messages';
import { decodeModelInferRequest } from './model-infer-request';
import { TributaryError } from './tributary-error';

type Request = inference.ModelInferRequest.$Properties;
type Input = inference.ModelInferRequest.InferInputTensor.$Properties;

const encode = (request: Request): Buffer => Buffer.from(inference.ModelInferRequest.encode(request).finish());

const bytesOf = (view: Uint8Array): number[] => Array.from(view);

/** The error that the request is refused with. */
function refusalOf(request: Request | Buffer): TributaryError {
  try {
    decodeModelInferRequest(Buffer.isBuffer(request) ? request : encode(request));
  } catch (error) {
    if (error instanceof TributaryError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

const fp32: Input = { name: 'x', datatype: 'FP32', shape: [1] };

describe('decodeModelInferRequest', () => {
  it('reads every part of a request', () => {
    const request = decodeModelInferRequest(
      encode({
        modelName: 'm',
        modelVersion: '3',
        id: 'call-7',
        parameters: {
          timeout: { int64Param: Long.fromString('9007199254740993') },
          priority: { uint64Param: Long.MAX_UNSIGNED_VALUE },
          flag: { boolParam: true },
          text: { stringParam: 'ü' },
          number: { doubleParam: 0.5 },
          nothing: {},
        },
        inputs: [{ name: 'x', datatype: 'UINT8', shape: [2, 300], parameters: { p: { boolParam: false } } }],
        outputs: [{ name: 'y', parameters: { classification: { int64Param: 3 } } }, { name: 'z' }],
        rawInputContents: [Buffer.alloc(600, 7)],
      }),
    );
    expect(request.modelName).toBe('m');
    expect(request.modelVersion).toBe('3');
    expect(request.id).toBe('call-7');
    expect([...request.parameters]).toEqual([
      ['timeout', 9_007_199_254_740_993n],
      ['priority', 2n ** 64n - 1n],
      ['flag', true],
      ['text', 'ü'],
      ['number', 0.5],
      ['nothing', undefined],
    ]);
    expect(request.inputs).toHaveLength(1);
    expect(request.inputs[0]).toMatchObject({ name: 'x', datatype: 'UINT8', shape: [2, 300] });
    expect([...request.inputs[0]!.parameters]).toEqual([['p', false]]);
    expect(bytesOf(request.inputs[0]!.bytes)).toEqual(Array<number>(600).fill(7));
    expect(request.outputs.map(({ name }) => name)).toEqual(['y', 'z']);
    expect([...request.outputs[0]!.parameters]).toEqual([['classification', 3n]]);
  });

  it('gives raw tensors as views of the message, wherever they begin', () => {
    for (let padding = 0; padding < 8; padding += 1) {
      const message = encode({
        modelName: 'm'.repeat(padding),
        inputs: [fp32],
        rawInputContents: [Buffer.from([1, 2, 3, 4])],
      });
      const { bytes } = decodeModelInferRequest(message).inputs[0]!;
      expect(bytes.buffer).toBe(message.buffer);
      expect(bytesOf(bytes)).toEqual([1, 2, 3, 4]);
    }
  });

  it('gives floats of one packed list as a view too', () => {
    const message = encode({ inputs: [{ ...fp32, contents: { fp32Contents: [1.5, -2] } }] });
    const { bytes } = decodeModelInferRequest(message).inputs[0]!;
    expect(bytes.buffer).toBe(message.buffer);
    expect(bytesOf(bytes)).toEqual(bytesOf(new Uint8Array(Float32Array.of(1.5, -2).buffer)));
  });

  it('keeps names like __proto__ as ordinary keys', () => {
    const parameters = Object.fromEntries([['__proto__', { stringParam: 'own' }]]);
    const { parameters: decoded } = decodeModelInferRequest(encode({ parameters }));
    expect([...decoded]).toEqual([['__proto__', 'own']]);
  });

  it('reads a plain Uint8Array like a Buffer', () => {
    const message = encode({ modelName: 'm', inputs: [fp32], rawInputContents: [Buffer.alloc(4)] });
    expect(decodeModelInferRequest(new Uint8Array(message)).modelName).toBe('m');
  });

  describe('typed contents', () => {
    const contentsOf = (datatype: string, contents: inference.InferTensorContents.$Properties): Buffer =>
      Buffer.from(decodeModelInferRequest(encode({ inputs: [{ name: 'x', datatype, contents }] })).inputs[0]!.bytes);

    it('case 10: keeps the extremes of every integer type', () => {
      const int64 = contentsOf('INT64', {
        int64Contents: [Long.MIN_VALUE, Long.MAX_VALUE, -1, 0, Long.fromString('9007199254740993')],
      });
      expect(Array.from({ length: 5 }, (_, index) => int64.readBigInt64LE(index * 8))).toEqual([
        -(2n ** 63n),
        2n ** 63n - 1n,
        -1n,
        0n,
        9_007_199_254_740_993n,
      ]);
      const uint64 = contentsOf('UINT64', { uint64Contents: [Long.MAX_UNSIGNED_VALUE, 1] });
      expect(uint64.readBigUInt64LE(0)).toBe(2n ** 64n - 1n);
      expect(bytesOf(contentsOf('INT8', { intContents: [-128, 127] }))).toEqual([0x80, 0x7f]);
      expect(bytesOf(contentsOf('UINT8', { uintContents: [0, 255] }))).toEqual([0, 255]);
      expect(contentsOf('INT16', { intContents: [-32_768] }).readInt16LE()).toBe(-32_768);
      expect(contentsOf('UINT16', { uintContents: [65_535] }).readUInt16LE()).toBe(65_535);
      expect(contentsOf('INT32', { intContents: [-(2 ** 31)] }).readInt32LE()).toBe(-(2 ** 31));
      expect(contentsOf('UINT32', { uintContents: [2 ** 32 - 1] }).readUInt32LE()).toBe(2 ** 32 - 1);
      expect(bytesOf(contentsOf('BOOL', { boolContents: [true, false] }))).toEqual([1, 0]);
      expect(contentsOf('FP64', { fp64Contents: [Number.MIN_VALUE] }).readDoubleLE()).toBe(Number.MIN_VALUE);
    });

    it('writes BYTES with their lengths', () => {
      const bytes = contentsOf('BYTES', { bytesContents: [Buffer.from('ab'), Buffer.alloc(0), Buffer.from('ü')] });
      expect(bytesOf(bytes)).toEqual([2, 0, 0, 0, 97, 98, 0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xbc]);
    });

    it.each([
      ['INT8', 'intContents', 128],
      ['INT8', 'intContents', -129],
      ['INT16', 'intContents', 32_768],
      ['UINT8', 'uintContents', 256],
      ['UINT16', 'uintContents', 65_536],
    ])('refuses a value that %s cannot hold (%s %d)', (datatype, field, value) => {
      const error = refusalOf({ inputs: [{ name: 'x', datatype, contents: { [field]: [0, value] } }] });
      expect(error.reason).toBe('VALUE_OUT_OF_RANGE');
      expect(error.message).toContain(`element 1 of inference input 'x'`);
    });

    it('merges lists that come in several pieces, packed and single, and contents that come twice', () => {
      const piece = (write: (writer: Writer) => void): Writer => {
        const writer = Writer.create();
        write(writer);
        return writer;
      };
      const contents = (write: (writer: Writer) => void): Buffer => {
        const input = Writer.create().uint32(0x0a).string('x').uint32(0x12).string('FP32');
        input.uint32(0x2a).bytes(piece(write).finish());
        input.uint32(0x2a).bytes(piece((writer) => writer.uint32(0x35).float(4)).finish());
        return Buffer.from(Writer.create().uint32(0x2a).bytes(input.finish()).finish());
      };
      const message = contents((writer) => {
        writer.uint32(0x32).fork().float(1).float(2).ldelim();
        writer.uint32(0x35).float(3);
      });
      const { bytes } = decodeModelInferRequest(message).inputs[0]!;
      expect(bytesOf(bytes)).toEqual(bytesOf(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)));
    });
  });

  describe('the data of an input', () => {
    it('must not be both raw and typed', () => {
      const inputs = [{ ...fp32, contents: { fp32Contents: [1] } }];
      const error = refusalOf({ modelName: 'm', inputs, rawInputContents: [Buffer.alloc(4)] });
      expect(error.message).toBe(
        "contents field must not be specified when using raw_input_contents for 'x' for model 'm'",
      );
      expect(error.details.field).toBe('inputs[0].contents');
    });

    it('must be there', () => {
      const text = "unable to find data for input tensor 'x' for model 'm' in request.";
      expect(refusalOf({ modelName: 'm', inputs: [fp32] }).message).toBe(text);
      const inputs = [{ ...fp32, name: 'a' }, fp32];
      expect(refusalOf({ modelName: 'm', inputs, rawInputContents: [Buffer.alloc(4)] }).message).toBe(text);
    });

    it('may be missing where the shape has no elements', () => {
      const { inputs } = decodeModelInferRequest(encode({ inputs: [{ ...fp32, shape: [0, 3] }] }));
      expect(inputs[0]!.bytes).toHaveLength(0);
    });

    it('must not be more than the inputs', () => {
      const error = refusalOf({ modelName: 'm', inputs: [fp32], rawInputContents: [Buffer.alloc(4), Buffer.alloc(4)] });
      expect(error.reason).toBe('RAW_COUNT_MISMATCH');
      expect(error.details).toEqual({ field: 'raw_input_contents', expected: '1', got: '2' });
    });

    it.each([
      ['FP32', { intContents: [1] }, 'INT32'],
      ['FP16', { fp32Contents: [1] }, 'FP32'],
      ['INT64', { intContents: [1] }, 'INT32'],
      ['UINT8', { intContents: [1] }, 'INT32'],
      ['BYTES', { boolContents: [true] }, 'BOOL'],
      ['FP32', { fp32Contents: [1], bytesContents: [Buffer.alloc(0)] }, 'BYTES'],
    ])('must stand in the field of its datatype, %s', (datatype, contents, got) => {
      expect(refusalOf({ modelName: 'm', inputs: [{ name: 'x', datatype, contents }] }).message).toBe(
        `unexpected explicit tensor data for input tensor 'x' for model 'm' of type '${got}', ` +
          `expected datatype '${datatype}'`,
      );
    });

    it.each(['FP8', 'fp32', '', 'constructor'])('must have a datatype that can be served, not %j', (datatype) => {
      const error = refusalOf({ inputs: [{ name: 'x', datatype, shape: [1] }], rawInputContents: [Buffer.alloc(4)] });
      expect(error.reason).toBe('DATATYPE_UNSUPPORTED');
      expect(error.details.field).toBe('inputs[0].datatype');
    });
  });

  it('case 4: refuses two inputs, or two outputs, of one name', () => {
    const rawInputContents = [Buffer.alloc(4), Buffer.alloc(4)];
    const inputs = refusalOf({ inputs: [fp32, fp32], rawInputContents });
    expect(inputs).toMatchObject({ reason: 'INPUT_DUPLICATE', details: { field: 'inputs[1].name', got: 'x' } });
    const outputs = refusalOf({ outputs: [{ name: 'y' }, { name: 'y' }] });
    expect(outputs).toMatchObject({ reason: 'OUTPUT_DUPLICATE', details: { field: 'outputs[1].name' } });
  });

  it('case 6: hands on shapes that no tensor has, for the check that knows the model', () => {
    const shapeOf = (shape: (number | Long)[]): readonly number[] =>
      decodeModelInferRequest(encode({ inputs: [{ ...fp32, shape }], rawInputContents: [Buffer.alloc(4)] })).inputs[0]!
        .shape;
    expect(shapeOf([-1, 3])).toEqual([-1, 3]);
    expect(shapeOf([2 ** 31, 0])).toEqual([2 ** 31, 0]);
    expect(shapeOf([Long.MIN_VALUE, Long.MAX_VALUE])).toEqual([-(2 ** 63), 2 ** 63]);
    expect(shapeOf(Array<number>(10_000).fill(1))).toHaveLength(33);
  });

  it('bounds the number of parts, so that millions of empty ones cost nothing', () => {
    const many = (tag: number): Buffer => Buffer.alloc(4_000_000, Buffer.from([tag, 0]));
    for (const tag of [0x2a, 0x32, 0x3a]) expect(refusalOf(many(tag)).reason).toBe('LIST_TOO_LONG');
    expect(refusalOf(many(0x0a)).reason).toBe('LIST_TOO_LONG');
    const parameters = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, { boolParam: true }]));
    expect(refusalOf({ parameters }).details).toEqual({ field: 'parameters', expected: '64', got: '65' });
  });
});

/** Messages with fields in the usual order and any contents, also such as are refused. */
const anyRequest: fc.Arbitrary<Request> = (() => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromString(value.toString()));
  const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => Long.fromString(value.toString(), true));
  const name = fc.string({ unit: 'grapheme', maxLength: 4 });
  const parameter = fc.oneof(
    fc.record({ boolParam: fc.boolean() }),
    fc.record({ int64Param: long }),
    fc.record({ stringParam: name }),
    fc.record({ doubleParam: fc.double() }),
    fc.record({ uint64Param: unsigned }),
  );
  const parameters = fc.dictionary(name, parameter, { maxKeys: 3, noNullPrototype: true });
  const contents = fc.oneof(
    fc.record({ boolContents: fc.array(fc.boolean()) }),
    fc.record({ intContents: fc.array(fc.integer()) }),
    fc.record({ int64Contents: fc.array(long) }),
    fc.record({ uintContents: fc.array(fc.nat()) }),
    fc.record({ uint64Contents: fc.array(unsigned) }),
    fc.record({ fp32Contents: fc.array(fc.float()) }),
    fc.record({ fp64Contents: fc.array(fc.double()) }),
    fc.record({ bytesContents: fc.array(fc.uint8Array({ maxLength: 5 })) }),
  );
  const datatype = fc.constantFrom('BOOL', 'INT8', 'INT32', 'INT64', 'UINT32', 'UINT64', 'FP32', 'FP64', 'BYTES', 'X');
  const input = fc.record(
    { name, datatype, shape: fc.array(long, { maxLength: 3 }), parameters, contents },
    { requiredKeys: ['name', 'datatype'] },
  );
  return fc.record({
    modelName: name,
    modelVersion: name,
    id: name,
    parameters,
    inputs: fc.array(input, { maxLength: 3 }),
    outputs: fc.array(fc.record({ name, parameters }, { requiredKeys: ['name'] }), { maxLength: 3 }),
    rawInputContents: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 2 }),
  });
})();

describe('decodeModelInferRequest and the generated decoder', () => {
  it('read the same out of whatever both accept', () => {
    let compared = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        const message = encode(request);
        const expected = inference.ModelInferRequest.decode(message);
        let decoded;
        try {
          decoded = decodeModelInferRequest(message);
        } catch (error) {
          expect(error).toBeInstanceOf(TributaryError);
          expect((error as TributaryError).reason).not.toBe('MESSAGE_MALFORMED');
          return;
        }
        compared += 1;
        expect(decoded.modelName).toBe(expected.modelName);
        expect(decoded.modelVersion).toBe(expected.modelVersion);
        expect(decoded.id).toBe(expected.id);
        expect(new Set(decoded.parameters.keys())).toEqual(new Set(Object.keys(expected.parameters)));
        expect(decoded.outputs.map(({ name }) => name)).toEqual(expected.outputs.map(({ name }) => name));
        expect(decoded.inputs).toHaveLength(expected.inputs.length);
        for (const [index, input] of decoded.inputs.entries()) {
          const { name, datatype, shape, contents } = expected.inputs[index]!;
          expect([input.name, input.datatype]).toEqual([name, datatype]);
          expect(input.shape).toEqual((shape ?? []).map(Number));
          const raw = expected.rawInputContents[index] ?? rawOf(datatype!, contents ?? {});
          expect(bytesOf(input.bytes)).toEqual(bytesOf(raw));
        }
      }),
      { numRuns: 1000 },
    );
    // About one in eight is accepted by both.
    expect(compared).toBeGreaterThan(50);
  });

  it('case 12: agree on which cut and changed messages are malformed', () => {
    fc.assert(
      fc.property(
        anyRequest,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
        fc.nat(),
        (request, changes, cut) => {
          const whole = encode(request);
          const message = Buffer.from(whole.subarray(0, whole.length - (cut % 4)));
          for (const [position, byte] of changes) if (message.length > 0) message[position % message.length] = byte;
          const reason = reasonFor(message);
          if (isAcceptedByGenerated(message)) expect(reason).not.toBe('MESSAGE_MALFORMED');
          else expect(reason).not.toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('case 12: agree on which random bytes are a message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        if (isAcceptedByGenerated(bytes)) expect(reasonFor(bytes)).not.toBe('MESSAGE_MALFORMED');
        else expect(reasonFor(bytes)).not.toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});

/** Why the message is refused; undefined where it is accepted. Fails for any error but a TributaryError. */
function reasonFor(message: Uint8Array): string | undefined {
  try {
    decodeModelInferRequest(message);
  } catch (error) {
    expect(error).toBeInstanceOf(TributaryError);
    return (error as TributaryError).reason;
  }
  return undefined;
}

function isAcceptedByGenerated(message: Uint8Array): boolean {
  try {
    inference.ModelInferRequest.decode(message);
  } catch {
    return false;
  }
  return true;
}

/** Typed contents as raw bytes, by the plain reading of the protocol. */
function rawOf(datatype: string, contents: inference.InferTensorContents.$Properties): Uint8Array {
  const bits = (list: (number | Long)[] | null | undefined): string[] => (list ?? []).map(String);
  switch (datatype) {
    case 'BOOL':
      return Uint8Array.from(contents.boolContents ?? [], Number);
    case 'INT8':
      return new Uint8Array(Int8Array.from(contents.intContents ?? []).buffer);
    case 'INT32':
      return new Uint8Array(Int32Array.from(contents.intContents ?? []).buffer);
    case 'INT64':
      return new Uint8Array(BigInt64Array.from(bits(contents.int64Contents), BigInt).buffer);
    case 'UINT32':
      return new Uint8Array(Uint32Array.from(contents.uintContents ?? []).buffer);
    case 'UINT64':
      return new Uint8Array(BigUint64Array.from(bits(contents.uint64Contents), BigInt).buffer);
    case 'FP32':
      return new Uint8Array(Float32Array.from(contents.fp32Contents ?? []).buffer);
    case 'FP64':
      return new Uint8Array(Float64Array.from(contents.fp64Contents ?? []).buffer);
    default:
      return Buffer.concat(
        (contents.bytesContents ?? []).flatMap((element) => {
          const length = Buffer.alloc(4);
          length.writeUInt32LE(element.length);
          return [length, element];
        }),
      );
  }
}

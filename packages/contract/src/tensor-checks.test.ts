import { describe, expect, it } from '@jest/globals';
import { encodeStringElements, stringElements } from './string-tensor';
import { assertFinite, checkTensor } from './tensor-checks';
import type { Tensor } from './tensor';
import { TributaryError } from './tributary-error';

const checked = { model: 'm', input: 'x', field: 'inputs[0]' };

function refusalOf(action: () => unknown): TributaryError {
  try {
    action();
  } catch (error) {
    if (error instanceof TributaryError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const refusalOfTensor = (tensor: Tensor): TributaryError => refusalOf(() => checkTensor(tensor, checked));

describe('checkTensor', () => {
  it('counts the elements of a sound tensor', () => {
    expect(checkTensor({ datatype: 'FP16', shape: [2, 3], bytes: Buffer.alloc(12) }, checked)).toBe(6);
    expect(checkTensor({ datatype: 'FP32', shape: [0, 3], bytes: Buffer.alloc(0) }, checked)).toBe(0);
  });

  it('case 6: judges the shape before any byte', () => {
    const error = refusalOfTensor({ datatype: 'FP32', shape: [2 ** 32, 0], bytes: Buffer.alloc(0) });
    expect(error).toMatchObject({ reason: 'SHAPE_INVALID', details: { field: 'inputs[0].shape' } });
  });

  it.each([11, 13, 0, 24])('case 7: refuses %d bytes where 12 are needed', (got) => {
    const error = refusalOfTensor({ datatype: 'FP32', shape: [3], bytes: Buffer.alloc(got) });
    expect(error.message).toBe(`input byte size mismatch for input 'x' for model 'm'. Expected 12, got ${got}`);
  });

  it('case 10: refuses BOOL bytes other than 0 and 1', () => {
    const error = refusalOfTensor({ datatype: 'BOOL', shape: [3], bytes: Buffer.from([0, 1, 2]) });
    expect(error.message).toBe("element 2 of inference input 'x' for model 'm' is 2; a BOOL is one byte, 0 or 1");
  });
});

describe('checkTensor of BYTES', () => {
  const strings = (count: number, bytes: Uint8Array): TributaryError =>
    refusalOfTensor({ datatype: 'BYTES', shape: [count], bytes });

  it('case 11: accepts empty, emoji and CJK texts, and gives them back exactly', () => {
    const texts = ['', '😀', '東京', 'a'];
    const bytes = encodeStringElements(texts);
    expect(checkTensor({ datatype: 'BYTES', shape: [2, 2], bytes }, checked)).toBe(4);
    expect([...stringElements(bytes)].map((element) => Buffer.from(element).toString())).toEqual(texts);
  });

  it.each([
    ['NUL', Buffer.from('a\0b'), 'a NUL character'],
    ['half a surrogate pair', Buffer.from([0xed, 0xa0, 0xbd]), 'invalid UTF-8'],
    ['a cut character', Buffer.from([0xe6, 0x9d]), 'invalid UTF-8'],
  ])('case 11: refuses %s', (_what, element, got) => {
    const error = strings(2, encodeStringElements(['fine', element]));
    expect(error.message).toBe(`string element 1 of inference input 'x' for model 'm' has ${got}`);
  });

  it('refuses cut lengths and cut elements', () => {
    expect(strings(1, Buffer.from([1, 0, 0])).message).toContain(
      "incomplete string length indicator for inference input 'x' for model 'm', expecting 4 bytes but only 3 bytes available.",
    );
    expect(strings(1, Buffer.from([255, 255, 255, 255, 97])).message).toContain(
      'expecting string of length 4294967295 but only 1 bytes available.',
    );
  });

  it('refuses more and fewer elements than the shape has', () => {
    const two = encodeStringElements(['a', 'b']);
    expect(strings(1, two).message).toBe(
      "unexpected number of string elements 2 for inference input 'x' for model 'm', expecting 1",
    );
    expect(strings(3, two).message).toBe("expected 3 string elements for inference input 'x' for model 'm', got 2");
    expect(strings(3, Buffer.alloc(0)).reason).toBe('STRING_COUNT');
  });
});

describe('assertFinite', () => {
  const bytesOf = (array: Float32Array | Float64Array | Uint16Array): Uint8Array => new Uint8Array(array.buffer);

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('case 9: finds %d', (value) => {
    const fp32: Tensor = { datatype: 'FP32', shape: [3], bytes: bytesOf(Float32Array.of(1, 3.4e38, value)) };
    expect(refusalOf(() => assertFinite(fp32, checked)).message).toContain('element 2');
    const fp64: Tensor = { datatype: 'FP64', shape: [2], bytes: bytesOf(Float64Array.of(value, 1)) };
    expect(refusalOf(() => assertFinite(fp64, checked)).message).toContain('element 0');
  });

  it('case 9: finds NaN and infinities of FP16, and passes every finite number', () => {
    const fp16 = (bits: number): Tensor => ({ datatype: 'FP16', shape: [1], bytes: bytesOf(Uint16Array.of(bits)) });
    for (let bits = 0; bits < 65_536; bits += 1) {
      const isFinite = (bits & 0x7c00) !== 0x7c00;
      let passed = true;
      try {
        assertFinite(fp16(bits), checked);
      } catch {
        passed = false;
      }
      if (passed !== isFinite) throw new Error(`FP16 bits ${bits} were judged wrongly`);
    }
  });

  it('passes other datatypes', () => {
    assertFinite({ datatype: 'INT32', shape: [1], bytes: Buffer.alloc(4, 255) }, checked);
  });
});

import { describe, expect, it } from '@jest/globals';
import { TributaryError, type ModelInferRequest, type ParameterValue } from '@tributary/contract';
import { readInferParameters } from './infer-parameters';

type Entries = Record<string, ParameterValue>;

function request(parameters: Entries, input: Entries = {}, output: Entries = {}): ModelInferRequest {
  const map = (entries: Entries): ReadonlyMap<string, ParameterValue> => new Map(Object.entries(entries));
  return {
    modelName: 'm',
    modelVersion: '',
    id: '',
    parameters: map(parameters),
    inputs: [{ name: 'a', datatype: 'FP32', shape: [0], bytes: new Uint8Array(0), parameters: map(input) }],
    outputs: [{ name: 'b', parameters: map(output) }],
  };
}

function refusalOf(asked: ModelInferRequest): { reason: string; field: string | undefined } {
  try {
    readInferParameters(asked);
  } catch (error) {
    if (error instanceof TributaryError) return { reason: error.reason, field: error.details.field };
    throw error;
  }
  throw new Error('was not refused');
}

describe('readInferParameters', () => {
  it('reads the queue timeout in microseconds; 0 is none', () => {
    expect(readInferParameters(request({ timeout: 1500n })).queueTimeoutUs).toBe(1500);
    expect(readInferParameters(request({ timeout: 0n })).queueTimeoutUs).toBeUndefined();
    expect(readInferParameters(request({})).queueTimeoutUs).toBeUndefined();
    expect(readInferParameters(request({ timeout: (1n << 64n) - 1n })).queueTimeoutUs).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('refuses a timeout, priority or classification that is no count', () => {
    const invalid = (name: string): object => ({ reason: 'PARAMETER_INVALID', field: `parameters['${name}']` });
    expect(refusalOf(request({ timeout: -1n }))).toEqual(invalid('timeout'));
    expect(refusalOf(request({ timeout: '5' }))).toEqual(invalid('timeout'));
    expect(refusalOf(request({ timeout: undefined }))).toEqual(invalid('timeout'));
    expect(refusalOf(request({ priority: 1.5 }))).toEqual(invalid('priority'));
    expect(refusalOf(request({}, {}, { classification: -2n }))).toEqual({
      reason: 'PARAMETER_INVALID',
      field: "outputs[0].parameters['classification']",
    });
  });

  it('reads which outputs are wanted as classes', () => {
    expect([...readInferParameters(request({}, {}, { classification: 3n })).classifications]).toEqual([['b', 3]]);
    expect(readInferParameters(request({}, {}, { classification: 0n })).classifications.size).toBe(0);
  });

  it('ignores what the C++ client always sends, and names it does not know', () => {
    const parameters = {
      triton_enable_empty_final_response: true,
      priority: 3n,
      headers: 'x',
      binary_data_output: true,
    };
    expect(() => readInferParameters(request({ ...parameters, sequence_id: 0n, sequence_start: false }))).not.toThrow();
  });

  it('refuses other names that belong to the server', () => {
    expect(refusalOf(request({ triton_x: 1n })).reason).toBe('PARAMETER_RESERVED');
  });

  it('refuses sequences and shared memory', () => {
    expect(refusalOf(request({ sequence_id: 1n })).reason).toBe('PARAMETER_UNSUPPORTED');
    expect(refusalOf(request({ sequence_start: true })).reason).toBe('PARAMETER_UNSUPPORTED');
    expect(refusalOf(request({}, { shared_memory_region: 'r' }))).toEqual({
      reason: 'PARAMETER_UNSUPPORTED',
      field: 'inputs[0].parameters',
    });
    expect(refusalOf(request({}, {}, { shared_memory_offset: 1n })).reason).toBe('PARAMETER_UNSUPPORTED');
  });
});

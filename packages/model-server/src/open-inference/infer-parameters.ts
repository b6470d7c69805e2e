import { refusal, type ModelInferRequest, type ParameterValue, type Parameters } from '@tributary/contract';

/** What the parameters of a request ask for. */
export interface InferParameters {
  /** Longest wait in the queue, in microseconds; undefined: only the deadline bounds it. */
  readonly queueTimeoutUs: number | undefined;
  /** Place in the queue, see InferRequest; undefined where none was asked for. */
  readonly priority: number | undefined;
  /** Outputs that are wanted as their best classes, and how many of those. */
  readonly classifications: ReadonlyMap<string, number>;
}

/** The C++ client, and so perf_analyzer, sets it on every call; it only means something where answers are streamed. */
const emptyFinalResponse = 'triton_enable_empty_final_response';

const sequenceParameters = ['sequence_id', 'sequence_start', 'sequence_end'];

/**
 * Reads the parameters of a request, its inputs and its outputs. Unknown ones are ignored, as Triton does.
 * @throws TributaryError PARAMETER_INVALID, PARAMETER_RESERVED, PARAMETER_UNSUPPORTED, naming the parameter
 */
export function readInferParameters({ parameters, inputs, outputs }: ModelInferRequest): InferParameters {
  let queueTimeoutUs: number | undefined;
  let priority: number | undefined;
  if (parameters.size > 0) {
    queueTimeoutUs = readCount(parameters, 'timeout', 'parameters');
    priority = readCount(parameters, 'priority', 'parameters');
    refuseReserved(parameters);
    refuseSequences(parameters);
  }
  inputs.forEach((input, index) => {
    if (input.parameters.size > 0) refuseSharedMemory(input.parameters, `inputs[${index}].parameters`);
  });
  const classifications = new Map<string, number>();
  outputs.forEach((output, index) => {
    if (output.parameters.size === 0) return;
    const field = `outputs[${index}].parameters`;
    refuseSharedMemory(output.parameters, field);
    const count = readCount(output.parameters, 'classification', field);
    if (count !== undefined && count > 0) classifications.set(output.name, count);
  });
  return { queueTimeoutUs: queueTimeoutUs === 0 ? undefined : queueTimeoutUs, priority, classifications };
}

/** A whole number from 0; undefined where the parameter is absent. */
function readCount(parameters: Parameters, parameter: string, field: string): number | undefined {
  if (!parameters.has(parameter)) return undefined;
  const value = parameters.get(parameter);
  if (typeof value !== 'bigint' || value < 0n) {
    const args = { parameter, expected: 'an int64_param of 0 or more' };
    throw refusal('PARAMETER_INVALID', args, { field: `${field}['${parameter}']`, got: String(value) });
  }
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function refuseReserved(parameters: Parameters): void {
  for (const parameter of parameters.keys()) {
    if (parameter.startsWith('triton_') && parameter !== emptyFinalResponse) {
      throw refusal('PARAMETER_RESERVED', { parameter }, { field: 'parameters' });
    }
  }
}

function refuseSequences(parameters: Parameters): void {
  for (const parameter of sequenceParameters) {
    if (!asksNothing(parameters.get(parameter))) {
      throw refusal('PARAMETER_UNSUPPORTED', { parameter }, { field: `parameters['${parameter}']` });
    }
  }
}

/** Sequence id 0 stands for no sequence; some clients always send it. */
function asksNothing(value: ParameterValue): boolean {
  return value === undefined || value === 0n || value === '' || value === false;
}

function refuseSharedMemory(parameters: Parameters, field: string): void {
  for (const parameter of parameters.keys()) {
    if (parameter.startsWith('shared_memory_')) {
      throw refusal('PARAMETER_UNSUPPORTED', { parameter }, { field });
    }
  }
}

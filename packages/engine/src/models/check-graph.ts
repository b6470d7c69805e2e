import { refusal, type TributaryError } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import type { GraphFacts, ValueFacts } from '../onnx/scan-graph';

/** TensorProto.DataType numbers of elements that cannot be served. */
const unservedTypes: ReadonlyMap<number, string> = new Map([
  [0, 'undefined'],
  [14, 'complex64'],
  [15, 'complex128'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
]);

/** Kinds of outputs that are handed on as tensors. */
const servedOutputs: ReadonlySet<string> = new Set(['tensor', 'sequence', 'map', 'optional']);

/** The refusal of a model that has something that cannot be served. */
export function unservable(problem: string): TributaryError {
  return refusal('MODEL_UNSUPPORTED', { problem });
}

/**
 * Checks that everything that crosses a model's boundary can cross the wire.
 * @throws TributaryError MODEL_UNSUPPORTED
 */
export function assertServable({ inputs, outputs }: GraphFacts): void {
  if (outputs.length === 0) throw unservable('the graph has no outputs, so a call could answer nothing');
  for (const { name, kind, elementType, hasShape } of inputs) {
    if (kind !== 'tensor') throw unservable(`input '${name}' is a ${kind}; only tensors can be sent`);
    assertServedType(name, 'input', elementType);
    if (!hasShape) throw unservable(`input '${name}' declares no shape, not even a rank`);
  }
  for (const { name, kind, elementType } of outputs) {
    if (!servedOutputs.has(kind)) throw unservable(`output '${name}' is a ${kind}, which cannot be sent`);
    if (kind === 'tensor') assertServedType(name, 'output', elementType);
  }
}

function assertServedType(name: string, role: string, elementType: number): void {
  const unserved = unservedTypes.get(elementType);
  if (unserved !== undefined)
    throw unservable(`${role} '${name}' has elements of type ${unserved}, which cannot be served; convert it to float32`);
}

/** A session tells no dimensions both for a scalar and for an output of unknown rank; the first run tells them apart. */
export function withKnownRank(
  spec: TensorSpec,
  outputs: readonly ValueFacts[],
  seen: readonly number[] | undefined,
): TensorSpec {
  const declared = outputs.find(({ name }) => name === spec.name);
  if (spec.shape.length > 0 || declared?.hasShape === true || declared?.kind !== 'tensor') return spec;
  return { ...spec, shape: seen === undefined ? [-1] : seen.map(() => -1) };
}

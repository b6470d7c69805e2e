import type * as Ort from 'onnxruntime-node';
import { datatypeInfo, refusal, TributaryError } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import { checkExternalData } from '../onnx/check-external-data';
import { loadProblem } from '../onnx/load-problem';
import { ProtoError } from '../onnx/proto-scanner';
import { scanGraph, type GraphFacts, type ValueFacts } from '../onnx/scan-graph';
import type { BatchingVerdict, LoadedSession, LoadRefusal } from './messages';
import { probeBatching, warmUp } from './probe-batching';
import { Session, UnservableError } from './session';

/** TensorProto.DataType numbers that ONNX Runtime cannot hand to JavaScript. */
const unservedTypes: ReadonlyMap<number, string> = new Map([
  [0, 'undefined'],
  [14, 'complex64'],
  [15, 'complex128'],
  [16, 'bfloat16'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
]);

/**
 * Operators on 8-bit or narrower weights. Their kernels are made for weights that were laid out anew: without that they run up to
 * seven times as long, and MatMulNBits does another arithmetic.
 */
const packedOperator = /^(MatMulNBits|Q.*|.*Integer(ToFloat)?|Dynamic.*|DequantizeLinear)$/;

/** How a session is loaded. */
export interface LoadOptions {
  /** See ToSessionLane. */
  readonly verifiedFiles: readonly string[];
  readonly intraOpThreads: number;
  /** See ToSessionLane. Graphs with 8-bit operators are laid out anew in any case. */
  readonly prepacks: boolean;
  /** See ToSessionLane. */
  readonly probeRows: number;
  readonly maxOutputBytes: number;
  /** Called before each run, which nobody can interrupt. */
  readonly onWarming: () => void;
}

/** A session that answers, and what was learnt of it. */
export interface SessionAndFacts {
  readonly session: Session;
  readonly facts: LoadedSession;
}

/**
 * Loads one model file on this thread: reads its structure, makes the session, finds out whether it may be batched, warms it.
 * @throws anything; `toRefusal` makes a sentence of it
 */
export async function loadSession(
  ort: typeof Ort,
  path: string,
  { verifiedFiles, intraOpThreads, prepacks, probeRows, maxOutputBytes, onWarming }: LoadOptions,
): Promise<SessionAndFacts> {
  const graph = scanGraph(path);
  assertServable(graph);
  await checkExternalData(path, graph.externalData, verifiedFiles);
  const needsPacking = [...graph.operators].some((operator) => packedOperator.test(operator));
  const session = await Session.load(ort, path, intraOpThreads, prepacks || needsPacking);
  try {
    assertBoundedOutputs(session.outputs, maxOutputBytes);
    session.onRun = onWarming;
    const batching: BatchingVerdict =
      probeRows > 1 ? await probeBatching(session, graph.operators) : { kind: 'unasked' };
    const answer = await warmUp(session);
    const facts: LoadedSession = {
      inputs: session.inputs,
      outputs: session.outputs.map((spec) =>
        withKnownRank(spec, graph, answer?.[session.outputs.indexOf(spec)]?.shape),
      ),
      batching,
      isWarm: answer !== undefined,
      hasLoops: graph.operators.has('Loop') || graph.operators.has('Scan'),
    };
    session.onRun = undefined;
    return { session, facts };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** What to tell of a failed load: our own words may be shown, a library's go to the log only. */
export function toRefusal(error: unknown): LoadRefusal {
  const problem = error instanceof Error ? error.message : String(error);
  if (error instanceof UnservableError) {
    return { reason: 'MODEL_UNSUPPORTED', sentence: refusal('MODEL_UNSUPPORTED', { problem }).message, problem };
  }
  if (error instanceof TributaryError) return { reason: error.reason, sentence: error.message, problem };
  const sentence =
    error instanceof ProtoError ? `model.onnx is not a valid ONNX file: ${problem}` : loadProblem(problem);
  return {
    reason: 'MODEL_LOAD_FAILED',
    sentence: refusal('MODEL_LOAD_FAILED', { problem: sentence }).message,
    problem,
  };
}

function assertServable(graph: GraphFacts): void {
  if (graph.outputs.length === 0) throw new UnservableError('the graph has no outputs');
  for (const value of graph.inputs) assertServableValue(value, 'input');
  for (const value of graph.outputs) assertServableValue(value, 'output');
  const shapeless = graph.inputs.find((value) => !value.hasShape);
  if (shapeless !== undefined)
    throw new UnservableError(`input '${shapeless.name}' declares no shape, not even a rank`);
}

function assertServableValue({ name, kind, elementType }: ValueFacts, role: string): void {
  // ONNX Runtime's JavaScript side keeps results in a plain object, where this name is not a key.
  if (name === '__proto__') throw new UnservableError(`an ${role} is named __proto__`);
  if (kind !== 'tensor') throw new UnservableError(`${role} '${name}' is a ${kind}; only tensors can be served`);
  const unserved = unservedTypes.get(elementType);
  if (unserved !== undefined) {
    throw new UnservableError(
      `${role} '${name}' has elements of type ${unserved}, which cannot be served; convert it to float32`,
    );
  }
}

/** Dimensions that may vary count as one: what they become is only known after a run. */
function assertBoundedOutputs(outputs: readonly TensorSpec[], maxBytes: number): void {
  let bytes = 0;
  for (const { datatype, shape } of outputs) {
    bytes += shape.reduce((product, size) => product * (size === -1 ? 1 : size), datatypeInfo(datatype).byteSize ?? 0);
  }
  if (bytes > maxBytes)
    throw new UnservableError(`its outputs take ${bytes} bytes or more, and at most ${maxBytes} are allowed`);
}

/** ONNX Runtime gives `[]` both for a scalar and for an output of unknown rank; the first run tells them apart. */
function withKnownRank(spec: TensorSpec, graph: GraphFacts, seen: readonly number[] | undefined): TensorSpec {
  const declared = graph.outputs.find((value) => value.name === spec.name);
  if (spec.shape.length > 0 || declared?.hasShape === true) return spec;
  return { ...spec, shape: seen === undefined ? [-1] : seen.map(() => -1) };
}

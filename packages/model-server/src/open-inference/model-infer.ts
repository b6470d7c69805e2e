import {
  assertModelName,
  decodeModelInferRequest,
  encodeModelInferResponse,
  joinPieces,
  parseModelVersion,
  readModelName,
  rpcMethods,
  TributaryError,
  withRequestId,
  type ModelInferRequest,
  type RpcMethod,
  type Tensor,
} from '@tributary/contract';
import type { Engine, InferResult, ModelInfo } from '@tributary/engine';
import type { CallContext, PiecesHandler, Span } from '@tributary/serve';
import { nameModel, traceInference } from '../trace-stages';
import { classify } from './classification';
import { readInferParameters, type InferParameters } from './infer-parameters';
import { readInferNames } from './read-infer-names';
import { serverTimingKey, serverTiming } from './server-timing';

/**
 * `inference.GRPCInferenceService/ModelInfer`: tensors in, tensors out. Answers are always raw, whatever the request was, since
 * clients of Triton read nothing else, and the request is never put into one place: the copy into the batch is the only one; where the time went is in the trailing metadata `server-timing`.
 */
export function modelInfer(engine: Engine): PiecesHandler {
  return (pieces, call) => {
    // Not in the promise: to reject one costs more than the rest of a refusal.
    assertRoom(engine, pieces, call);
    return infer(engine, pieces, call);
  };
}

/** Under overload most requests are refused for the queue they would join: those are not decoded. */
function assertRoom(engine: Engine, pieces: readonly Uint8Array[], call: CallContext): void {
  const names = readInferNames(pieces);
  if (names === undefined) return;
  try {
    engine.assertRoom({ model: names.model, version: names.version, remainingMs: call.remainingMs() });
  } catch (error) {
    throw naming(error, names.id);
  }
}

async function infer(engine: Engine, pieces: readonly Uint8Array[], call: CallContext): Promise<Uint8Array> {
  const request = decode(pieces);
  try {
    const asked = read(engine, request);
    const { span } = call;
    const startedAtMs = span === undefined ? 0 : performance.now();
    const result = await engine.infer({
      model: asked.info.name,
      version: asked.info.version,
      inputs: new Map(request.inputs.map((input) => [input.name, input])),
      outputs: request.outputs.map(({ name }) => name),
      ...(asked.queueTimeoutUs !== undefined && { queueTimeoutUs: asked.queueTimeoutUs }),
      ...(asked.priority !== undefined && { priority: asked.priority }),
      remainingMs: call.remainingMs(),
      signal: call.ending,
    });
    if (span !== undefined) traceInfer(span, asked.info.name, startedAtMs, result);
    call.setTrailer(serverTimingKey, serverTiming(result.timing));
    return await answer(request, asked, result, call.ending);
  } catch (error) {
    throw naming(error, request.id);
  }
}

function traceInfer(span: Span, model: string, startedAtMs: number, { version, timing }: InferResult): void {
  nameModel(span, model, version);
  traceInference(span, { model, version, startedAtMs, timing });
}

interface Asked extends InferParameters {
  readonly info: ModelInfo;
}

function read(engine: Engine, request: ModelInferRequest): Asked {
  assertModelName(request.modelName, 'model_name');
  const info = engine.resolve(request.modelName, parseModelVersion(request.modelVersion, 'model_version'));
  return { info, ...readInferParameters(request) };
}

async function answer(
  request: ModelInferRequest,
  { info, classifications }: Asked,
  result: InferResult,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const outputs: ({ name: string } & Tensor)[] = [];
  for (const [name, tensor] of wantedOutputs(request, result)) {
    const count = classifications.get(name);
    outputs.push({ name, ...(count === undefined ? tensor : await classify(tensor, count, info, signal)) });
  }
  return encodeModelInferResponse({ modelName: info.name, modelVersion: result.version, id: request.id, outputs });
}

/** In the order asked for; all, in the model's order, where none was asked for. */
function wantedOutputs(request: ModelInferRequest, { outputs }: InferResult): (readonly [string, Tensor])[] {
  if (request.outputs.length === 0) return [...outputs];
  return request.outputs.map(({ name }) => [name, outputs.get(name)!]);
}

function decode(pieces: readonly Uint8Array[]): ModelInferRequest {
  try {
    return decodeModelInferRequest(pieces);
  } catch (error) {
    throw naming(error, readId(joinPieces(pieces)));
  }
}

/** Triton's clients find their request's id in the message of an error. */
function naming(error: unknown, id: string): unknown {
  return error instanceof TributaryError ? withRequestId(error, id) : error;
}

/** The id is read as names are, in a request that cannot be decoded as a whole. */
const idField: RpcMethod = { ...rpcMethods.get('/inference.GRPCInferenceService/ModelInfer')!, modelNameField: 3 };

function readId(bytes: Uint8Array): string {
  try {
    return readModelName(idField, bytes).model;
  } catch {
    return '';
  }
}

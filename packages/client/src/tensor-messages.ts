import { isDatatype, type Tensor, type Tensors } from '@tributary/contract';
import type { RpcRequest, RpcResponse } from './rpcs';

type ModelInfer = 'inference.GRPCInferenceService/ModelInfer';

/** A question to any model, in tensors. */
export interface InferRequest {
  readonly model: string;
  /** In decimal; by default the highest that is ready. */
  readonly version?: string;
  readonly id?: string;
  readonly inputs: Tensors;
  /** Names of the outputs wanted; by default all. */
  readonly outputs?: readonly string[];
}

/** A model's answer, in tensors. */
export interface InferResponse {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly outputs: Tensors;
}

/** As a ModelInferRequest with raw contents. */
export function toInferMessage(request: InferRequest): RpcRequest<ModelInfer> {
  const inputs = [...request.inputs];
  return {
    modelName: request.model,
    modelVersion: request.version ?? '',
    id: request.id ?? '',
    inputs: inputs.map(([name, { datatype, shape }]) => ({ name, datatype, shape: [...shape] })),
    outputs: request.outputs?.map((name) => ({ name })) ?? [],
    rawInputContents: inputs.map(([, { bytes }]) => bytes),
  };
}

/**
 * From a ModelInferResponse with raw contents.
 * @throws Error where the contents are typed, or do not go with the outputs
 */
export function fromInferMessage(message: RpcResponse<ModelInfer>): InferResponse {
  const outputs = new Map<string, Tensor>();
  message.outputs.forEach(({ name, datatype, shape }, i) => {
    const bytes = message.rawOutputContents[i];
    if (bytes === undefined || !isDatatype(datatype))
      throw new Error(`output '${name}' is not a raw ${datatype} tensor`);
    outputs.set(name, { datatype, shape: shape.map(Number), bytes });
  });
  return { model: message.modelName, version: message.modelVersion, id: message.id, outputs };
}

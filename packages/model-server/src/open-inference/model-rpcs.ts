import {
  assertModelName,
  decodeMessage,
  inference,
  parseModelVersion,
  refusal,
  TributaryError,
} from '@tributary/contract';
import type { Engine, ModelInfo, TensorSpec } from '@tributary/engine';
import type { UnaryHandler } from '@tributary/serve';
import { attributesOf, indexReason } from '../model-file';
import { shownModels, shownState } from '../model-states';
import { unary } from './unary';

const {
  ModelMetadataRequest,
  ModelMetadataResponse,
  ModelReadyRequest,
  ModelReadyResponse,
  RepositoryIndexRequest,
  RepositoryIndexResponse,
} = inference;

/** Triton's name of what runs the models. */
const platformName = 'onnxruntime_onnx';

/** `ModelReady`: an unknown model is an error, one that is known and does not answer is not ready. */
export function modelReady(engine: Engine): UnaryHandler {
  return unary((bytes) => {
    const request = decodeMessage(ModelReadyRequest, bytes);
    return ModelReadyResponse.encode({ ready: isReady(engine, request.name, request.version) });
  });
}

/** `ModelMetadata`: names, datatypes and shapes of a model's inputs and outputs, and its versions that are ready. */
export function modelMetadata(engine: Engine): UnaryHandler {
  return unary((bytes) => {
    const request = decodeMessage(ModelMetadataRequest, bytes);
    const model = resolve(engine, request.name, request.version);
    const ready = engine.models().filter(({ name, state }) => name === model.name && state === 'READY');
    return ModelMetadataResponse.encode({
      name: model.name,
      versions: ready.map(({ version }) => version),
      platform: platformName,
      inputs: model.inputs.map(tensorMetadata),
      outputs: model.outputs.map(tensorMetadata),
      attributes: attributesOf(model),
    });
  });
}

/** `RepositoryIndex`: every version of every model and its state, or only those that are ready. */
export function repositoryIndex(engine: Engine): UnaryHandler {
  return unary((bytes) => {
    const request = decodeMessage(RepositoryIndexRequest, bytes);
    if (request.repositoryName !== '') {
      throw refusal('PARAMETER_UNSUPPORTED', { parameter: 'repository_name' }, { field: 'repository_name' });
    }
    const models = shownModels(engine).filter(({ state }) => !request.ready || state === 'READY');
    return RepositoryIndexResponse.encode({
      models: models.map((model) => ({
        name: model.name,
        version: model.version,
        state: shownState(model.state),
        reason: indexReason(model),
      })),
    });
  });
}

function resolve(engine: Engine, name: string, version: string): ModelInfo {
  assertModelName(name, 'name');
  return engine.resolve(name, parseModelVersion(version, 'version'));
}

function isReady(engine: Engine, name: string, version: string): boolean {
  try {
    return resolve(engine, name, version).state === 'READY';
  } catch (error) {
    if (error instanceof TributaryError && ['MODEL_NOT_READY', 'MODEL_NO_VERSION'].includes(error.reason)) return false;
    throw error;
  }
}

function tensorMetadata({
  name,
  datatype,
  shape,
}: TensorSpec): inference.ModelMetadataResponse.TensorMetadata.$Properties {
  return { name, datatype, shape: [...shape] };
}

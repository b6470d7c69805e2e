export { Status, statusName, type StatusCode, type StatusName } from './status';
export { TributaryError, type ErrorDetails } from './tributary-error';
export { errorCatalogue, type CatalogueEntry, type ErrorReason } from './error-catalogue';
export { findRefusal, type RefusalTable } from './refusal-tables';
export { defineRefusals, refusal, statusOf, withRequestId, type Refuse, type TaskRefuse } from './refusal';
export { decodeStatusDetails, encodeStatusDetails, statusDetailsKey, type StatusDetails } from './status-details';
export { printable, printableList, printableMessage } from './printable';
export { assertModelName, isModelName, isModelVersion, parseModelVersion } from './model-name';
export { chooseVersion, compareVersions, whyNoVersion } from './choose-version';
export { datatypeInfo, datatypeOfOnnx, isDatatype, type Datatype } from './data-type';
export { elementCount, maxRank } from './shape';
export { byteLengthOf, lengthOf, type Tensor, type Tensors } from './tensor';
export { joinPieces } from './message-pieces';
export { BufferPool, minKeptBytes } from './buffer-pool';
export { google, grpc, inference, tributary } from '../gen/messages';
export { decodeUtf8 } from './decode-utf8';
export { decodeMessage } from './decode-message';
export type { Int64 } from './int64';
export { serverStreamRpcs, unaryRpcs } from '../gen/rpc-messages';
export { batchingNote, batchingWords } from './batching-note';
export { rpcMethods, type RpcMethod } from './rpc-method';
export { readModelName, readModelNameOfPieces, type ModelReference } from './read-model-name';
export { fileDescriptorSet } from './descriptor-set';
export { decodeModelInferRequest, type ModelInferRequest } from './model-infer-request';
export { type Parameters, type ParameterValue } from './parameters';
export { encodeModelInferResponse, type ModelInferResponse } from './model-infer-response';
export { encodeStringElements } from './string-tensor';
export {
  maxRelayId,
  maxRelayMessageBytes,
  RelayFault,
  type RelayedAnswer,
  type RelayedCall,
  type RelayedMetadata,
} from './relay/relayed-call';
export { RelayRequestWriter, RelayResponseWriter } from './relay/relay-writer';
export { readRelayRequest, readRelayResponse } from './relay/relay-reader';
export { messageHeadBytes } from './message-head';
export { RelayMessages } from './relay/relay-messages';

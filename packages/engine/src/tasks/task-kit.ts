/**
 * What task code works with, importable as `@tributary/engine/task`: the seam's types and small tools on tensors. Nothing here
 * loads ONNX Runtime or starts a thread, so task lanes stay light.
 */
export type * from './task';
export { bestFirst, bestIndices } from './best-indices';
export { readJsonFile } from './read-json-file';
export { decodeText, parseJson } from '../models/repository/read-text';
export { float32Values, int64Tensor } from './tensor-values';

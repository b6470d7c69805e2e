export { proveRows, type RowSignature } from './prove-rows';
export { describeVerdict, type RowVerdict } from './verdict';

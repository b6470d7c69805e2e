import { Reader } from 'protobufjs/minimal';
import { assertMoreFields, orMalformed } from './decode-message';
import { joinPieces, liftValues } from './message-pieces';
import type { RpcMethod } from './rpc-method';

/** Which model an encoded request asks for; '' where it does not say. */
export interface ModelReference {
  readonly model: string;
  readonly version: string;
}

/** Wire type of strings, bytes and messages. */
const lengthDelimited = 2;

/** Values of other fields are stepped over without being joined from this length on. */
const minLongBytes = 256;

/**
 * As `readModelName`, of a request in the pieces in which it arrived; long values are not joined.
 * @throws as `readModelName`
 */
export function readModelNameOfPieces(method: RpcMethod, pieces: readonly Uint8Array[]): ModelReference {
  if (pieces.length < 2) return readModelName(method, pieces[0] ?? new Uint8Array(0));
  const { modelNameField, modelVersionField } = method;
  const isOther = (tag: number): boolean => tag >>> 3 !== modelNameField && tag >>> 3 !== modelVersionField;
  const rest = liftValues(pieces, isOther, minLongBytes)?.rest;
  return readModelName(method, rest ?? joinPieces(pieces));
}

/**
 * Reads the names out of an encoded request without decoding the rest: other fields are stepped over, whatever their size. As
 * protobuf says, the last of several values counts, and a field of a wrong wire type is skipped. Neither name is checked.
 * @throws TributaryError MESSAGE_MALFORMED where the top level of the message cannot be read; LIST_TOO_LONG
 */
export function readModelName(method: RpcMethod, bytes: Uint8Array): ModelReference {
  let model = '';
  let version = '';
  if (method.modelNameField === undefined) return { model, version };
  return orMalformed(method.requestType, () => {
    const reader = Reader.create(bytes);
    for (let count = 1; reader.pos < reader.len; count += 1) {
      assertMoreFields(count);
      const tag = reader.tag();
      const field = tag >>> 3;
      const wireType = tag & 7;
      if (wireType === lengthDelimited && field === method.modelNameField) model = reader.stringVerify();
      else if (wireType === lengthDelimited && field === method.modelVersionField) version = reader.stringVerify();
      else reader.skipType(wireType, 0, field);
    }
    return { model, version };
  });
}

import { Writer, type Reader } from 'protobufjs/minimal';
import { refusal } from './refusal';
import { toBigInt, type Int64 } from './int64';
import { enterNested, skipField } from './wire';

/** Value of an InferParameter: int64 and uint64 are bigint, double is number. Undefined where the message held no value. */
export type ParameterValue = boolean | bigint | string | number | undefined;

/** Parameters by name. A Map, because callers choose the names. */
export type Parameters = ReadonlyMap<string, ParameterValue>;

/** Most parameters of a request, an input or an output. */
export const maxParameters = 64;

const none: Parameters = new Map();

/** The parameters of a message that has none. */
export function noParameters(): Parameters {
  return none;
}

/**
 * Reads one entry of a `map<string, InferParameter>` into a copy-on-first-write map.
 * @throws TributaryError LIST_TOO_LONG; whatever protobufjs throws for malformed bytes
 */
export function readParameter(reader: Reader, parameters: Parameters, field: string): Parameters {
  const target = parameters === none ? new Map<string, ParameterValue>() : (parameters as Map<string, ParameterValue>);
  let key = '';
  let value: ParameterValue;
  const outer = enterNested(reader);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) key = reader.stringVerify();
    else if (tag === 0x12) value = readValue(reader, value);
    else skipField(reader, tag, 1);
  }
  reader.len = outer;
  target.set(key, value);
  if (target.size > maxParameters) {
    throw refusal('LIST_TOO_LONG', { field, expected: maxParameters, got: target.size });
  }
  return target;
}

/** An InferParameter; several in one entry are merged, and the last value counts. */
function readValue(reader: Reader, before: ParameterValue): ParameterValue {
  let value = before;
  const outer = enterNested(reader);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case 0x08:
        value = reader.bool();
        break;
      case 0x10:
        value = toBigInt(reader.int64() as Int64);
        break;
      case 0x1a:
        value = reader.stringVerify();
        break;
      case 0x21:
        value = reader.double();
        break;
      case 0x28:
        value = toBigInt(reader.uint64() as Int64);
        break;
      default:
        skipField(reader, tag, 2);
    }
  }
  reader.len = outer;
  return value;
}

/** The encoded entries of a `map<string, InferParameter>`, without their tags and lengths. */
export function encodeParameters(parameters: Parameters): Uint8Array[] {
  return Array.from(parameters, ([key, value]) => encodeParameter(key, value));
}

function encodeParameter(key: string, value: ParameterValue): Uint8Array {
  const entry = Writer.create().uint32(0x0a).string(key).uint32(0x12).fork();
  if (typeof value === 'boolean') entry.uint32(0x08).bool(value);
  else if (typeof value === 'bigint') entry.uint32(0x10).int64(value.toString());
  else if (typeof value === 'string') entry.uint32(0x1a).string(value);
  else if (typeof value === 'number') entry.uint32(0x21).double(value);
  return entry.ldelim().finish();
}

import { Reader } from 'protobufjs/minimal';
import { isDatatype, type Datatype } from './data-type';
import { assertMoreFields, orMalformed } from './decode-message';
import { joinPieces, liftValues, type LiftedMessage } from './message-pieces';
import { noParameters, readParameter, type Parameters } from './parameters';
import { refusal } from './refusal';
import type { Int64 } from './int64';
import { elementCount, maxRank } from './shape';
import type { Tensor } from './tensor';
import { typedContentsToBytes } from './typed-contents';
import { endOfValue, enterNested, skipField } from './wire';

/** One input of a request. Its bytes are raw whichever way they came, and usually a view of the message. */
export interface InferInput extends Tensor {
  readonly name: string;
  readonly parameters: Parameters;
}

/** One output that is asked for. */
export interface InferRequestedOutput {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A decoded inference.ModelInferRequest. Strings are '' where the message has none. */
export interface ModelInferRequest {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id: string;
  readonly parameters: Parameters;
  /** In the order of the message; names are unique. */
  readonly inputs: readonly InferInput[];
  /** In the order of the message; names are unique. Empty: all outputs. */
  readonly outputs: readonly InferRequestedOutput[];
}

/** Most inputs, outputs and raw entries of a request. */
export const maxTensors = 1024;

/** An input as it stands in the message, before its data is found. */
interface EncodedInput {
  name: string;
  datatype: string;
  shape: number[];
  parameters: Parameters;
  /** Start and end of each `contents`; undefined where there is none. */
  contents: number[] | undefined;
}

/** Raw contents of an input: in one place or in several. */
type RawContents = Uint8Array | readonly Uint8Array[];

/** An input whose bytes lie in several places. */
class PiecedInput implements InferInput {
  private joined: Uint8Array | undefined;

  constructor(
    readonly name: string,
    readonly datatype: Datatype,
    readonly shape: readonly number[],
    readonly pieces: readonly Uint8Array[],
    readonly parameters: Parameters,
  ) {}

  get bytes(): Uint8Array {
    return (this.joined ??= joinPieces(this.pieces));
  }
}

const type = 'inference.ModelInferRequest';

/**
 * Decodes an inference.ModelInferRequest and checks all that needs no knowledge of the model: where the data of each input is,
 * the typed fields, unique names, known datatypes. Not checked: names, version, shapes against bytes, parameters.
 * A message that arrived in pieces is not joined: raw contents stay views of them (`Tensor.pieces`).
 * A shape may hold anything a number can say (`elementCount` judges it); of one with too many dimensions the first 33 are kept.
 * @throws TributaryError MESSAGE_MALFORMED, LIST_TOO_LONG, INPUT_DUPLICATE, OUTPUT_DUPLICATE, DATATYPE_UNSUPPORTED,
 * CONTENTS_MIXED, CONTENTS_MISSING, CONTENTS_WRONG_FIELD, RAW_COUNT_MISMATCH, VALUE_OUT_OF_RANGE; nothing else
 */
export function decodeModelInferRequest(message: Uint8Array | readonly Uint8Array[]): ModelInferRequest {
  if (message instanceof Uint8Array) return orMalformed(type, () => decode(message, nothingLifted));
  if (message.length === 1) return orMalformed(type, () => decode(message[0]!, nothingLifted));
  const { rest, lifted } = liftValues(message, (tag) => tag === rawTag, minPiecedBytes) ?? {
    rest: joinPieces(message),
    lifted: nothingLifted,
  };
  return orMalformed(type, () => decode(rest, lifted));
}

/** `raw_input_contents` */
const rawTag = 0x3a;

/** Shorter raw contents are joined with the rest of the message: that costs less than pieces do. */
const minPiecedBytes = 4096;

const nothingLifted: LiftedMessage['lifted'] = new Map();

function decode(bytes: Uint8Array, lifted: LiftedMessage['lifted']): ModelInferRequest {
  let modelName = '';
  let modelVersion = '';
  let id = '';
  let parameters = noParameters();
  const encodedInputs: EncodedInput[] = [];
  const outputs: InferRequestedOutput[] = [];
  const raw: RawContents[] = [];
  const reader = Reader.create(bytes);
  for (let count = 1; reader.pos < reader.len; count += 1) {
    assertMoreFields(count);
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        modelName = reader.stringVerify();
        break;
      case 0x12:
        modelVersion = reader.stringVerify();
        break;
      case 0x1a:
        id = reader.stringVerify();
        break;
      case 0x22:
        parameters = readParameter(reader, parameters, 'parameters');
        break;
      case 0x2a:
        assertRoom(encodedInputs, 'inputs');
        encodedInputs.push(readInput(reader));
        break;
      case 0x32:
        assertRoom(outputs, 'outputs');
        outputs.push(readOutput(reader));
        break;
      case rawTag: {
        assertRoom(raw, 'raw_input_contents');
        const end = endOfValue(reader);
        raw.push(lifted.get(raw.length) ?? bytes.subarray(reader.pos, end));
        reader.pos = end;
        break;
      }
      default:
        skipField(reader, tag, 0);
    }
  }
  assertUniqueOutputs(outputs, modelName);
  const inputs = resolveInputs(bytes, modelName, encodedInputs, raw);
  return { modelName, modelVersion, id, parameters, inputs, outputs };
}

function readInput(reader: Reader): EncodedInput {
  const input: EncodedInput = {
    name: '',
    datatype: '',
    shape: [],
    parameters: noParameters(),
    contents: undefined,
  };
  const outer = enterNested(reader);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        input.name = reader.stringVerify();
        break;
      case 0x12:
        input.datatype = reader.stringVerify();
        break;
      case 0x18:
        readDimension(reader, input.shape);
        break;
      case 0x1a: {
        const limit = reader.len;
        reader.len = endOfValue(reader);
        while (reader.pos < reader.len) readDimension(reader, input.shape);
        reader.len = limit;
        break;
      }
      case 0x22:
        input.parameters = readParameter(reader, input.parameters, 'inputs.parameters');
        break;
      case 0x2a: {
        const end = endOfValue(reader);
        input.contents ??= [];
        input.contents.push(reader.pos, end);
        reader.pos = end;
        break;
      }
      default:
        skipField(reader, tag, 1);
    }
  }
  reader.len = outer;
  return input;
}

function readOutput(reader: Reader): InferRequestedOutput {
  let name = '';
  let parameters = noParameters();
  const outer = enterNested(reader);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 0x0a) name = reader.stringVerify();
    else if (tag === 0x12) {
      parameters = readParameter(reader, parameters, 'outputs.parameters');
    } else skipField(reader, tag, 1);
  }
  reader.len = outer;
  return { name, parameters };
}

function readDimension(reader: Reader, shape: number[]): void {
  const first = reader.buf[reader.pos]!;
  let dimension = first;
  if (first < 128 && reader.pos < reader.len) reader.pos += 1;
  else {
    const value = reader.int64() as Int64;
    dimension = typeof value === 'number' ? value : value.toNumber();
  }
  // One more than any tensor has is enough to be refused for.
  if (shape.length <= maxRank) shape.push(dimension);
}

/** Finds the data of every input, and names and datatypes that are wrong for any model. */
function resolveInputs(
  message: Uint8Array,
  model: string,
  encoded: readonly EncodedInput[],
  raw: readonly RawContents[],
): InferInput[] {
  const seen = new Set<string>();
  const inputs = encoded.map((input, index): InferInput => {
    const { name, datatype, shape, parameters } = input;
    if (seen.has(name))
      throw refusal('INPUT_DUPLICATE', { model, input: name }, { field: `inputs[${index}].name`, got: name });
    seen.add(name);
    if (!isDatatype(datatype)) {
      throw refusal(
        'DATATYPE_UNSUPPORTED',
        { model, input: name, got: datatype },
        { field: `inputs[${index}].datatype` },
      );
    }
    const bytes =
      raw.length > 0 ? rawBytes(model, input, index, raw[index]) : typedBytes(message, model, input, datatype, index);
    return bytes instanceof Uint8Array
      ? { name, datatype, shape, bytes, parameters }
      : new PiecedInput(name, datatype, shape, bytes, parameters);
  });
  if (raw.length > inputs.length) {
    const args = { model, expected: inputs.length, got: raw.length };
    throw refusal('RAW_COUNT_MISMATCH', args, { field: 'raw_input_contents' });
  }
  return inputs;
}

function rawBytes(model: string, input: EncodedInput, index: number, raw: RawContents | undefined): RawContents {
  if (input.contents !== undefined) {
    throw refusal('CONTENTS_MIXED', { model, input: input.name }, { field: `inputs[${index}].contents` });
  }
  if (raw === undefined) {
    throw refusal('CONTENTS_MISSING', { model, input: input.name }, { field: 'raw_input_contents' });
  }
  return raw;
}

function typedBytes(
  message: Uint8Array,
  model: string,
  input: EncodedInput,
  datatype: Datatype,
  index: number,
): Uint8Array {
  const field = `inputs[${index}].contents`;
  const typedInput = { model, input: input.name, field, datatype };
  const bytes = typedContentsToBytes(message, input.contents ?? [], typedInput);
  // A tensor without elements needs no data, and protobuf cannot tell an empty list from none.
  if (bytes.length === 0 && elementCount(input.shape) !== 0) {
    throw refusal('CONTENTS_MISSING', { model, input: input.name }, { field });
  }
  return bytes;
}

function assertUniqueOutputs(outputs: readonly InferRequestedOutput[], model: string): void {
  if (outputs.length < 2) return;
  const seen = new Set<string>();
  for (const [index, { name }] of outputs.entries()) {
    if (seen.has(name)) {
      throw refusal('OUTPUT_DUPLICATE', { model, output: name }, { field: `outputs[${index}].name`, got: name });
    }
    seen.add(name);
  }
}

function assertRoom(list: readonly unknown[], field: string): void {
  if (list.length >= maxTensors) {
    throw refusal('LIST_TOO_LONG', { field, expected: maxTensors, got: list.length + 1 });
  }
}

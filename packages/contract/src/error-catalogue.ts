import { printable, printableMessage, printableNames, printableShape } from './printable';
import { Status, type StatusCode } from './status';

/** One way to say no: an entry of a table of refusals. */
export interface CatalogueEntry {
  readonly status: StatusCode;
  /** The status message. Echoes callers' values only through `printable` and its kin. */
  readonly message: (args: never) => string;
  /** What it means, for docs/errors.md. */
  readonly meaning: string;
  /** What the caller, or the operator, does about it. */
  readonly remedy: string;
}

interface OfModel {
  readonly model: string;
}
interface OfInput extends OfModel {
  readonly input: string;
}
interface OfOutput extends OfModel {
  readonly output: string;
}

const nameRule = "a letter or digit, then at most 127 letters, digits, '.', '_' or '-'";

/**
 * Every refusal that is not of one task, by reason; those of a task are declared beside it (see defineRefusals). Where clients of Triton look for certain words, the message has those words.
 * Arguments named `field`, `expected` and `got` go into the error's details too; see `refusal`.
 * One list on purpose, however long: docs/errors.md is generated from it and from the tables of the services.
 */
export const errorCatalogue = {
  // Which model
  MODEL_NAME_INVALID: {
    status: Status.INVALID_ARGUMENT,
    // The name is not echoed: it may hold anything.
    message: () => `the model name is not valid; expected ${nameRule}`,
    meaning: 'The model name has characters that no model name has, or is too long.',
    remedy: 'Send a name as RepositoryIndex or ListRoutes lists it.',
  },
  MODEL_NAME_MISSING: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the model name is empty; this RPC has no default model',
    meaning: 'An Open Inference call named no model. Only task RPCs have a default model.',
    remedy: 'Set the model name.',
  },
  MODEL_NOT_FOUND: {
    status: Status.NOT_FOUND,
    message: (a: OfModel) => `Request for unknown model: '${printable(a.model)}' is not found`,
    meaning: 'No model of that name is served here.',
    remedy: 'Check the name against RepositoryIndex or ListRoutes.',
  },
  MODEL_NO_DEFAULT: {
    status: Status.NOT_FOUND,
    message: (a: { method: string }) => `no model is the default of ${printable(a.method)}; name one`,
    meaning: 'The call named no model, and none (or more than one) could answer this RPC.',
    remedy: 'Name a model, or mark one as `default` in its model.json.',
  },
  MODEL_VERSION_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { version: string }) =>
      `failed to get model version from specified version string '${printable(a.version)}' (details: stol), ` +
      'version should be an integral value > 0',
    meaning: 'The version is not a whole number from 1 to 2^63 - 1 in decimal.',
    remedy: 'Send a number, or leave the version empty for the highest that is ready.',
  },
  MODEL_VERSION_NOT_FOUND: {
    status: Status.NOT_FOUND,
    message: (a: OfModel & { version: string }) =>
      `Request for unknown model: '${printable(a.model)}' version ${printable(a.version)} is not found`,
    meaning: 'The model exists, but not in this version.',
    remedy: 'Leave the version empty, or send one that RepositoryIndex lists.',
  },
  MODEL_NO_VERSION: {
    status: Status.NOT_FOUND,
    message: (a: OfModel) => `Request for unknown model: '${printable(a.model)}' has no available versions`,
    meaning: 'The model has a folder, but none of its versions could be loaded.',
    remedy: 'RepositoryIndex gives the reason of each version; mend the files and restart.',
  },
  MODEL_NOT_READY: {
    status: Status.UNAVAILABLE,
    message: (a: OfModel & { version: string }) =>
      `Request for unknown model: '${printable(a.model)}' version ${printable(a.version)} is not at ready state`,
    meaning: 'The version exists but does not answer: it is loading, or could not be loaded.',
    remedy: 'Try again shortly; if it stays, RepositoryIndex gives the reason.',
  },
  MODEL_CONFLICT: {
    status: Status.FAILED_PRECONDITION,
    message: (a: OfModel) => `model '${printable(a.model)}' is claimed by services of different kinds`,
    meaning: 'Two services of different kinds have a model of the same name; the router does not guess.',
    remedy: 'Rename one of the two models. ListRoutes shows who claims the name.',
  },
  TASK_UNSUPPORTED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfModel & { method: string }) =>
      `model '${printable(a.model)}' does not answer ${printable(a.method)}`,
    meaning: 'The model exists but is for another task.',
    remedy: 'ListRoutes shows the RPCs of each model.',
  },
  SERVICE_UNKNOWN: {
    status: Status.NOT_FOUND,
    message: (a: { service: string }) => `unknown service '${printable(a.service)}'`,
    meaning: 'Health was asked about a name that is neither a gRPC service nor `model/<name>` of this process.',
    remedy: 'Ask with an empty name for the process as a whole.',
  },

  // Loading a model. The text stands in RepositoryIndex and in the log.
  MODEL_CONFIG_INVALID: {
    status: Status.UNAVAILABLE,
    message: (a: { problem: string }) => `model.json is not valid: ${printableMessage(a.problem)}`,
    meaning: "The model's configuration does not fit its schema or its files.",
    remedy: 'Mend model.json as the text says.',
  },
  MODEL_FILE_MISSING: {
    status: Status.UNAVAILABLE,
    message: (a: { file: string }) => `the version has no ${printable(a.file)}`,
    meaning: 'A file that the version needs is not in its folder.',
    remedy: 'Lay the file down as `<repository>/<name>/<version>/<file>`.',
  },
  MODEL_FILE_INVALID: {
    status: Status.UNAVAILABLE,
    message: (a: { file: string; problem: string }) =>
      `${printable(a.file)} cannot be used: ${printableMessage(a.problem)}`,
    meaning: 'A file of the model is there, but cannot be read or does not hold what it should.',
    remedy: 'Mend the file as the text says.',
  },
  MODEL_DIGEST_MISMATCH: {
    status: Status.UNAVAILABLE,
    message: (a: { file: string; expected: string; got: string }) =>
      `SHA-256 of ${printable(a.file)} is ${a.got}, but model.json expects ${a.expected}`,
    meaning: 'A file is not the one that the configuration names by its digest.',
    remedy: 'Fetch the file again, or correct the digest if the new file is meant.',
  },
  MODEL_UNSUPPORTED: {
    status: Status.UNAVAILABLE,
    message: (a: { problem: string }) => `the model cannot be served: ${printableMessage(a.problem)}`,
    meaning: 'The file is a model, but has something that cannot be served, e.g. an input that is no tensor.',
    remedy: 'Export the model without it.',
  },
  MODEL_LOAD_TIMEOUT: {
    status: Status.UNAVAILABLE,
    message: (a: { seconds: number }) => `the model could not be loaded within ${a.seconds} s`,
    meaning: 'Loading, or the first runs on made-up inputs, took longer than the bound on a load (`--load-timeout`).',
    remedy: 'Raise the bound where the model is large; else the graph has a loop that does not end.',
  },
  MODEL_LOAD_CRASHED: {
    status: Status.UNAVAILABLE,
    message: (a: { problem: string }) => `ONNX Runtime died while it loaded the model: ${printableMessage(a.problem)}`,
    meaning: 'The process that holds the sessions died while it loaded or tried this model. Other models serve on.',
    remedy: 'Take the file out of the repository, or export it anew; the text names the signal.',
  },
  MODEL_LOAD_FAILED: {
    status: Status.UNAVAILABLE,
    message: (a: { problem: string }) => `the model could not be loaded: ${printableMessage(a.problem)}`,
    meaning: 'ONNX Runtime or the task code could not make a working model of the files.',
    remedy: 'The log has the cause in full.',
  },

  // The message as such
  MESSAGE_MALFORMED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { type: string }) => `the request is not a valid ${printable(a.type)} message`,
    meaning: 'The bytes are not a protobuf message: cut off, nested too deeply, or text that is not UTF-8.',
    remedy: 'Encode the request with code generated from the .proto files.',
  },
  MESSAGE_TOO_LARGE: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number; got: number }) =>
      `the message has ${a.got} bytes; at most ${a.expected} are accepted`,
    meaning: 'The message is larger than the limit of the server.',
    remedy: 'Send less at once, or raise `maxMessageBytes`.',
  },
  METADATA_TOO_LARGE: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the request metadata is larger than ${a.expected} bytes`,
    meaning: 'The metadata (headers) of the call are larger than the limit.',
    remedy: 'Send less metadata.',
  },
  COMPRESSION_UNSUPPORTED: {
    status: Status.UNIMPLEMENTED,
    message: (a: { expected: string; got: string }) =>
      `requests compressed with ${printable(a.got)} cannot be read; expected one of ${a.expected}`,
    meaning: 'The call names a compression (`grpc-encoding`) that the server does not have.',
    remedy: 'Send the request in one of the encodings that `grpc-accept-encoding` of the answer lists.',
  },
  LIST_TOO_LONG: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { field: string; expected: number; got: number }) =>
      `${printable(a.field)} has ${a.got} entries; at most ${a.expected} are accepted`,
    meaning: 'A list of the request is longer than its limit.',
    remedy: 'Split the request.',
  },

  // Tensors
  INPUT_COUNT: {
    status: Status.INVALID_ARGUMENT,
    message: (
      a: OfModel & {
        expected: number;
        got: number;
        /** Names of the inputs that came. */
        names: readonly string[];
        /** Names of the inputs that did not. */
        missing: readonly string[];
      },
    ) =>
      `expected ${a.expected} inputs but got ${a.got} inputs for model '${printable(a.model)}'. ` +
      `Got input(s) ${printableNames(a.names)}, but missing required input(s) ${printableNames(a.missing)}. ` +
      'Please provide all required input(s).',
    meaning: 'Not every input of the model was sent.',
    remedy: 'Send every input that ModelMetadata lists.',
  },
  INPUT_UNEXPECTED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput) => `unexpected inference input '${printable(a.input)}' for model '${printable(a.model)}'`,
    meaning: 'The model has no input of that name.',
    remedy: 'Use the names that ModelMetadata lists.',
  },
  INPUT_DUPLICATE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput) =>
      `inference input '${printable(a.input)}' for model '${printable(a.model)}' is given more than once`,
    meaning: 'Two inputs of the request have the same name.',
    remedy: 'Send each input once.',
  },
  OUTPUT_UNEXPECTED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfOutput) => `unexpected inference output '${printable(a.output)}' for model '${printable(a.model)}'`,
    meaning: 'The model has no output of that name.',
    remedy: 'Use the names that ModelMetadata lists, or ask for none to get all.',
  },
  OUTPUT_DUPLICATE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfOutput) =>
      `inference output '${printable(a.output)}' for model '${printable(a.model)}' is asked for more than once`,
    meaning: 'The same output is asked for twice.',
    remedy: 'Ask for each output once.',
  },
  DATATYPE_MISMATCH: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: string; got: string }) =>
      `inference input '${printable(a.input)}' data-type is '${printable(a.got)}', ` +
      `but model '${printable(a.model)}' expects '${printable(a.expected)}'`,
    meaning: 'The datatype of an input is not the one the model takes.',
    remedy: 'Convert the values to the datatype that ModelMetadata lists.',
  },
  DATATYPE_UNSUPPORTED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { got: string }) =>
      `inference input '${printable(a.input)}' for model '${printable(a.model)}' has data-type '${printable(a.got)}', ` +
      'which is not supported; supported are BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, ' +
      'FP64, BF16 and BYTES',
    meaning: 'The datatype is none of the Open Inference Protocol.',
    remedy: 'Write the datatype as ModelMetadata lists it.',
  },
  SHAPE_MISMATCH: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: readonly number[]; got: readonly number[]; batched: boolean }) =>
      `unexpected shape for input '${printable(a.input)}' for model '${printable(a.model)}'. ` +
      `Expected ${printableShape(a.expected)}, got ${printableShape(a.got)}.` +
      (a.batched
        ? ' NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each ' +
          'input shape. This model is batched: the first dimension counts the rows of the request.'
        : ''),
    meaning: 'The shape of an input does not fit the model: another rank, or another size where the model fixes it.',
    remedy: 'Send a shape that fits the one in ModelMetadata, where -1 stands for any size.',
  },
  SHAPE_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { got: readonly number[] }) =>
      a.got.some((dimension) => dimension < 0)
        ? `All input dimensions should be specified for input '${printable(a.input)}' for model ` +
          `'${printable(a.model)}', got ${printableShape(a.got)}`
        : `the shape of input '${printable(a.input)}' for model '${printable(a.model)}' is beyond the limits of 32 ` +
          `dimensions, each below 2^31, and 2^31 - 1 elements in all, got ${printableShape(a.got)}`,
    meaning: 'A shape that no tensor has: negative dimensions, too many of them, or too many elements.',
    remedy: 'Send the real size of every dimension.',
  },
  TENSOR_EMPTY: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { got: readonly number[] }) =>
      `input '${printable(a.input)}' of model '${printable(a.model)}' has no elements: its shape is ${printableShape(a.got)}, ` +
      'and the model was not seen to answer such a tensor when it was loaded',
    meaning:
      'A dimension of the input is 0. Some kernels of ONNX Runtime end their process for that, so only models that answered such a tensor at load get one.',
    remedy: 'Send at least one row, or leave the call out.',
  },
  BATCH_TOO_LARGE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfModel & { expected: number; got: number }) =>
      `inference request batch-size must be <= ${a.expected} for '${printable(a.model)}'`,
    meaning: 'The request has more rows than one run of the model takes.',
    remedy: 'Split the request, or raise `maxBatchSize` in model.json.',
  },
  BATCH_SIZE_MISMATCH: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: number; got: number }) =>
      `input '${printable(a.input)}' batch size does not match other inputs for '${printable(a.model)}'`,
    meaning: 'The inputs of the request differ in their first dimension.',
    remedy: 'Send the same number of rows in every input.',
  },
  BYTE_SIZE_MISMATCH: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: number; got: number }) =>
      `input byte size mismatch for input '${printable(a.input)}' for model '${printable(a.model)}'. ` +
      `Expected ${a.expected}, got ${a.got}`,
    meaning: 'The data of an input has more or fewer bytes than its shape and datatype need.',
    remedy: 'Send product(shape) x size of the datatype bytes, little-endian, without padding.',
  },
  CONTENTS_MIXED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput) =>
      `contents field must not be specified when using raw_input_contents for '${printable(a.input)}' ` +
      `for model '${printable(a.model)}'`,
    meaning: 'The request carries raw data and an input has typed contents too.',
    remedy: 'Send all inputs raw, or all typed.',
  },
  CONTENTS_MISSING: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput) =>
      `unable to find data for input tensor '${printable(a.input)}' for model '${printable(a.model)}' in request.`,
    meaning: 'An input has a shape but no data.',
    remedy: 'Send `contents`, or one entry of `raw_input_contents` per input.',
  },
  CONTENTS_WRONG_FIELD: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: string; got: string }) =>
      `unexpected explicit tensor data for input tensor '${printable(a.input)}' for model '${printable(a.model)}' ` +
      `of type '${printable(a.got)}', expected datatype '${printable(a.expected)}'`,
    meaning:
      "The typed contents stand in a field of another datatype than the input's. FP16 and BF16 have no typed field.",
    remedy: 'Use the field of the datatype, or send the data raw.',
  },
  RAW_COUNT_MISMATCH: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfModel & { expected: number; got: number }) =>
      `expected ${a.expected} entries of raw_input_contents, one per input, but got ${a.got} for model ` +
      `'${printable(a.model)}'`,
    meaning: 'The request has more raw entries than inputs.',
    remedy: 'Send one entry per input, in the order of the inputs.',
  },
  STRING_FRAMING: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { part: 'length' | 'data'; expected: number; got: number }) =>
      a.part === 'length'
        ? `incomplete string length indicator for inference input '${printable(a.input)}' for model ` +
          `'${printable(a.model)}', expecting 4 bytes but only ${a.got} bytes available. ` +
          'Each element is its length as a little-endian uint32, then its bytes.'
        : `incomplete string data for inference input '${printable(a.input)}' for model '${printable(a.model)}', ` +
          `expecting string of length ${a.expected} but only ${a.got} bytes available.`,
    meaning: 'The raw data of a BYTES input is cut off inside an element.',
    remedy: 'Write each element as its length (uint32, little-endian) and its bytes.',
  },
  STRING_COUNT: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { expected: number; got: number }) =>
      a.got > a.expected
        ? `unexpected number of string elements ${a.got} for inference input '${printable(a.input)}' for model ` +
          `'${printable(a.model)}', expecting ${a.expected}`
        : `expected ${a.expected} string elements for inference input '${printable(a.input)}' for model ` +
          `'${printable(a.model)}', got ${a.got}`,
    meaning: 'A BYTES input has more or fewer elements than its shape says.',
    remedy: 'Send product(shape) elements.',
  },
  STRING_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { element: number; got: 'invalid UTF-8' | 'a NUL character' }) =>
      `string element ${a.element} of inference input '${printable(a.input)}' for model '${printable(a.model)}' ` +
      `has ${a.got}`,
    meaning: 'An element of a string tensor is not UTF-8, or holds NUL, at which the model would see it end.',
    remedy: 'Send valid UTF-8 without NUL.',
  },
  BOOL_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { element: number; got: number }) =>
      `element ${a.element} of inference input '${printable(a.input)}' for model '${printable(a.model)}' is ${a.got}; ` +
      'a BOOL is one byte, 0 or 1',
    meaning: 'A BOOL tensor has a byte that is neither 0 nor 1.',
    remedy: 'Send 0 or 1.',
  },
  NON_FINITE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { element: number }) =>
      `element ${a.element} of inference input '${printable(a.input)}' for model '${printable(a.model)}' ` +
      'is not a finite number',
    meaning: 'The model is configured to refuse NaN and infinities (`rejectNonFinite`), and an input has one.',
    remedy: 'Send finite numbers.',
  },
  VALUE_OUT_OF_RANGE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: OfInput & { element: number; got: number; expected: string }) =>
      `element ${a.element} of inference input '${printable(a.input)}' for model '${printable(a.model)}' is ${a.got}, ` +
      `which is no ${printable(a.expected)}`,
    meaning: 'A typed list has a value that the datatype of the input cannot hold, e.g. 300 for UINT8.',
    remedy: 'Send values within the datatype.',
  },
  PARAMETER_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { parameter: string; expected: string }) =>
      `request parameter '${printable(a.parameter)}' is not valid; expected ${printable(a.expected)}`,
    meaning: 'A parameter of the request has the wrong type or a value out of range.',
    remedy: 'Send what the message expects.',
  },
  PARAMETER_UNSUPPORTED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { parameter: string }) => `request parameter '${printable(a.parameter)}' is not supported`,
    meaning: 'A parameter asks for a feature that this server does not have, e.g. shared memory.',
    remedy: 'Leave it out; ServerMetadata lists the extensions that work.',
  },
  PARAMETER_RESERVED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { parameter: string }) =>
      `request parameter '${printable(a.parameter)}' is reserved: names that begin with 'triton_' belong to the server`,
    meaning: 'A parameter has a name that only servers may use.',
    remedy: 'Rename the parameter.',
  },

  // Load and time
  QUEUE_FULL: {
    status: Status.RESOURCE_EXHAUSTED,
    message: () => 'Exceeds maximum queue size',
    meaning: 'As many requests wait for the model as may wait.',
    remedy: 'Back off and try again; add replicas if it lasts.',
  },
  WAIT_TOO_LONG: {
    status: Status.RESOURCE_EXHAUSTED,
    message: () => 'the wait for the model is longer than the time left until the deadline',
    meaning:
      'By the length of its queue the model could not have answered before the deadline, so the request was not queued.',
    remedy: 'Back off and try again; allow more time, or add replicas if it lasts.',
  },
  CALLS_IN_FLIGHT: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `${a.expected} calls are being answered already, as many as are allowed`,
    meaning: 'The process answers as many calls at the same time as it may.',
    remedy: 'Back off and try again; add replicas if it lasts.',
  },
  BYTES_IN_FLIGHT: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the requests being answered would exceed ${a.expected} bytes`,
    meaning: 'The requests being answered hold as much memory as they may.',
    remedy: 'Back off and try again; send smaller requests.',
  },
  ANSWERS_UNREAD: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) =>
      `answers of more than ${a.expected} bytes wait on this connection for their reader`,
    meaning: 'The caller does not read the answers of its connection as fast as it asks for them.',
    remedy: 'Read answers while asking; have fewer calls with large answers in flight.',
  },
  WATCHERS_LIMIT: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `${a.expected} watches are open already, as many as are allowed`,
    meaning: 'As many Watch calls are open as the process allows.',
    remedy: 'Close watches that are not needed.',
  },
  QUEUE_TIMEOUT: {
    status: Status.DEADLINE_EXCEEDED,
    message: () => 'Request timeout expired',
    meaning: 'The request waited in the queue longer than its `timeout` parameter allows.',
    remedy: 'Allow more time, or add replicas.',
  },
  DEADLINE_EXCEEDED: {
    status: Status.DEADLINE_EXCEEDED,
    message: () => 'the deadline passed before the answer was ready',
    meaning: 'The deadline of the call, or the longest that the server allows, passed.',
    remedy: 'Allow more time, or send less work per call.',
  },
  CANCELLED: {
    status: Status.CANCELLED,
    message: () => 'the caller cancelled the call',
    meaning: 'The caller cancelled, or its connection went away.',
    remedy: 'Nothing: it was wanted.',
  },
  SHUTTING_DOWN: {
    status: Status.UNAVAILABLE,
    message: () => 'GRPC server is shutting down and has stopped accepting new requests.',
    meaning: 'The process drains before it ends.',
    remedy: 'Try again; another replica answers.',
  },
  SERVER_EXITING: {
    status: Status.UNAVAILABLE,
    message: () => 'Server exiting',
    meaning: 'ServerLive or ServerReady was asked of a process that drains.',
    remedy: 'Ask another replica.',
  },
  SERVER_STARTING: {
    status: Status.UNAVAILABLE,
    message: () => 'the server is loading its models',
    meaning: 'The process listens already, but its models are still being loaded.',
    remedy: 'Try again shortly, or wait for the health service to say SERVING.',
  },

  // Faults
  RUN_FAILED: {
    status: Status.INTERNAL,
    message: (a: OfModel) => `model '${printable(a.model)}' failed on this request`,
    meaning: 'ONNX Runtime returned an error for inputs that fit the metadata, e.g. an index outside a table.',
    remedy: "Check the values of the inputs; the server's log has the cause under the request id.",
  },
  OUTPUTS_TOO_LARGE: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: OfModel & { expected: number; got: number }) =>
      `model '${printable(a.model)}' answered this request with ${a.got} bytes; at most ${a.expected} are allowed`,
    meaning: "A run's outputs, whose size the values of the inputs decide, are larger than the engine keeps.",
    remedy: 'Ask for less: fewer rows, fewer outputs, or smaller values where they are sizes.',
  },
  WORKER_LOST: {
    status: Status.UNAVAILABLE,
    message: () => 'the worker that ran this request was lost; it is being replaced',
    meaning: 'A worker died while it had this request.',
    remedy: 'Try again.',
  },
  WORKER_CRASHED: {
    status: Status.INTERNAL,
    message: () => 'this request was running when its worker died more than once',
    meaning: 'The same request was on workers that died; it is not tried again.',
    remedy: 'Do not repeat the request; report it with its request id.',
  },
  RUN_CRASHED: {
    status: Status.INTERNAL,
    message: (a: OfModel) =>
      `the run of model '${printable(a.model)}' for this request crashed; the request must not be repeated`,
    meaning:
      'ONNX Runtime died of this request (a division that overflows, an operator over an empty dimension, memory). Other requests were not touched.',
    remedy: 'Do not repeat the request: another replica would die of it too. Report it with its request id.',
  },
  RUN_OUT_OF_MEMORY: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: OfModel) =>
      `the run of model '${printable(a.model)}' for this request needs more memory than runs may take`,
    meaning:
      "The run asked for more memory than the bound on all runs of the process (`--run-memory`, or what the container's limit leaves).",
    remedy: 'Ask for less: fewer rows, or smaller values where they are sizes. The operator can raise the bound.',
  },
  RUN_TIMEOUT: {
    status: Status.DEADLINE_EXCEEDED,
    message: (a: OfModel) =>
      `the run of model '${printable(a.model)}' for this request took longer than a run may take and was stopped`,
    meaning: 'The run took longer than the hard limit (`--run-timeout`) and was stopped.',
    remedy: 'Ask for less. If it repeats, the model has a loop without an end for some input.',
  },
  MODEL_STUCK: {
    status: Status.UNAVAILABLE,
    message: (a: OfModel) => `a run of model '${printable(a.model)}' does not end; the process is being replaced`,
    meaning: 'A run took longer than the hard limit. It cannot be stopped, so the process ends itself.',
    remedy: 'Try again; if it repeats, the model has a loop without an end for some input.',
  },
  NO_UPSTREAM: {
    status: Status.UNAVAILABLE,
    // Without a name where a call left the choice of the model to the services.
    message: (a: OfModel) =>
      a.model === ''
        ? 'no replica that answers this RPC can be reached'
        : `no replica that serves model '${printable(a.model)}' can be reached`,
    meaning:
      'None of the services that have the model is reachable and ready, or the router has not heard of any service yet.',
    remedy: 'Try again shortly; ListRoutes shows the state of every upstream.',
  },
  UPSTREAM_LOST: {
    status: Status.UNAVAILABLE,
    message: (a: { losses?: number }) =>
      a.losses === undefined
        ? 'the connection to the service broke before it answered'
        : `${a.losses} connections to services broke under this call; it is not sent again`,
    meaning:
      'The service died or its connection broke while it had the call. Where that happens to a second service, the call is not sent to a third, and the answer asks clients not to repeat it by themselves.',
    remedy:
      'Try again; but not where two connections broke under one call: its request may be what the services died of.',
  },
  RELAYED_ANSWER_TOO_LARGE: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the answer of the service is larger than ${a.expected} bytes`,
    meaning: 'The router does not pass on answers of this size.',
    remedy: 'Ask for less at once, or raise `maxAnswerBytes` of the router.',
  },
  // Who calls
  TOKEN_MISSING: {
    status: Status.UNAUTHENTICATED,
    message: () =>
      'this call needs a credential; expected metadata authorization: Bearer <token>, or a client certificate that is known',
    meaning: 'Callers have to say who they are here, and this one did not.',
    remedy: 'Send a bearer token; the operator gives them out (docs/security.md).',
  },
  TOKEN_INVALID: {
    status: Status.UNAUTHENTICATED,
    message: () => 'the bearer token is not valid',
    meaning: 'The token is none that is known here, or none that a known key has signed for this service.',
    remedy: 'Check that all of the token was sent, and that it is for this service; ask the operator for a new one.',
  },
  TOKEN_EXPIRED: {
    status: Status.UNAUTHENTICATED,
    message: () => 'the bearer token has expired',
    meaning: 'The token was good once.',
    remedy: 'Get a new one from its issuer.',
  },
  TOKEN_KEYS_MISSING: {
    status: Status.UNAVAILABLE,
    message: () => 'the keys by which tokens are verified have not come yet',
    meaning: 'The process has started and could not yet get the key set of jwksUrl.',
    remedy: 'Try again; if it stays, the operator looks at the log for jwksUrl.',
  },
  ROLE_MISSING: {
    status: Status.PERMISSION_DENIED,
    message: (a: { expected: string }) => `the caller lacks the role that this RPC needs; expected ${a.expected}`,
    meaning: 'The caller is known, and may not use this RPC.',
    remedy: 'Ask the operator for the role (docs/security.md lists what needs which).',
  },
  MODEL_FORBIDDEN: {
    status: Status.PERMISSION_DENIED,
    message: (a: { expected: string; model: string }) =>
      a.model === ''
        ? `the caller has the role ${a.expected} for some models alone, and the call names none`
        : `the caller lacks the role ${a.expected} for model '${printable(a.model)}'`,
    meaning: 'The caller has the role for other models; or names none, where it must.',
    remedy: 'Name a model that the role is for, or ask the operator for this one.',
  },
  QUOTA_CALLS: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the caller may begin ${a.expected} calls a second`,
    meaning: 'The caller has begun as many calls as its quota allows.',
    remedy: 'Wait for as long as the answer says (RetryInfo, grpc-retry-pushback-ms).',
  },
  QUOTA_BYTES: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the caller may send ${a.expected} bytes a second`,
    meaning: 'The requests of the caller have been larger than its quota allows.',
    remedy: 'Wait for as long as the answer says, or send less.',
  },
  QUOTA_CONCURRENCY: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the caller may have ${a.expected} calls open`,
    meaning: 'As many calls of the caller are open as its quota allows.',
    remedy: 'Wait for one to end.',
  },

  METHOD_UNKNOWN: {
    status: Status.UNIMPLEMENTED,
    message: (a: { method: string }) => `unknown method ${printable(a.method)}`,
    meaning: 'The process has no such RPC.',
    remedy: 'Reflection lists the RPCs (grpcurl ... list).',
  },
  METHOD_NOT_RELAYED: {
    status: Status.UNIMPLEMENTED,
    message: (a: { method: string }) => `${printable(a.method)} is no unary method; the relay does not carry it`,
    meaning: 'A stream of messages was asked for as a call of the relay, which carries unary calls only.',
    remedy: 'Call the method on a stream of its own.',
  },
  RELAY_MALFORMED: {
    status: Status.INTERNAL,
    message: () => 'what came over the relay is not valid; its calls are cancelled',
    meaning: 'A message of a relay could not be read, or used the id of a call that was not answered yet.',
    remedy: 'Report it: the two ends of a relay are of the same make, so one of them has a defect.',
  },
  RELAY_STALLED: {
    status: Status.UNAVAILABLE,
    message: (a: { expected: number }) => `a message of the relay took longer than ${a.expected} ms to arrive`,
    meaning: 'The caller began a message of a relay and did not end it; the bytes that it holds are wanted back.',
    remedy: 'Open another relay.',
  },
  RELAYS_LIMIT: {
    status: Status.RESOURCE_EXHAUSTED,
    message: (a: { expected: number }) => `the connection has ${a.expected} relays already, as many as are allowed`,
    meaning: 'As many relays are open on this connection as a connection may have.',
    remedy: 'Use those that are open.',
  },
  INTERNAL: {
    status: Status.INTERNAL,
    message: () => 'internal error',
    meaning: 'A defect of the server.',
    remedy: 'Report it with the request id; the log has the cause.',
  },
} satisfies Record<string, CatalogueEntry>;

/** Stable name of a refusal; travels as `reason` in google.rpc.ErrorInfo. */
export type ErrorReason = keyof typeof errorCatalogue;

/** What the message of an entry is made from. */
export type MessageArguments<E extends CatalogueEntry> =
  Parameters<E['message']> extends [infer A] ? A : Record<string, never>;

import { encodeParameters, type Parameters } from './parameters';
import type { Tensor } from './tensor';

/** One output of a response. */
export interface InferOutput extends Tensor {
  readonly name: string;
}

/** An inference.ModelInferResponse to be encoded. */
export interface ModelInferResponse {
  readonly modelName: string;
  /** The version that answered, in decimal. */
  readonly modelVersion: string;
  /** The id of the request; '' for none. */
  readonly id: string;
  readonly parameters?: Parameters;
  readonly outputs: readonly InferOutput[];
}

/**
 * Encodes an inference.ModelInferResponse, all tensors raw, into one buffer of exactly its size; the bytes of each tensor are
 * copied once. `headroom` bytes are left free in front, for instance five for the header of a gRPC frame.
 */
export function encodeModelInferResponse(response: ModelInferResponse, headroom = 0): Buffer {
  const { modelName, modelVersion, id, outputs } = response;
  const parameters = response.parameters === undefined ? [] : encodeParameters(response.parameters);
  const outputSizes = outputs.map(sizeOfOutput);
  let size = sizeOfString(modelName) + sizeOfString(modelVersion) + sizeOfString(id);
  for (const parameter of parameters) size += sizeOfBlock(parameter.length);
  for (let index = 0; index < outputs.length; index += 1) {
    const output = outputs[index]!;
    size += sizeOfBlock(outputSizes[index]!) + sizeOfBlock(output.bytes.length);
  }
  const writer = new BlockWriter(Buffer.allocUnsafe(headroom + size), headroom);
  writer.string(tags.modelName, modelName);
  writer.string(tags.modelVersion, modelVersion);
  writer.string(tags.id, id);
  for (const parameter of parameters) writer.bytes(tags.parameters, parameter);
  for (let index = 0; index < outputs.length; index += 1) {
    const output = outputs[index]!;
    writer.open(tags.outputs, outputSizes[index]!);
    writer.string(tags.name, output.name);
    writer.string(tags.datatype, output.datatype);
    if (output.shape.length > 0) {
      writer.open(tags.shape, sizeOfShape(output.shape));
      for (const dimension of output.shape) writer.varint(dimension);
    }
  }
  for (const { bytes } of outputs) writer.bytes(tags.rawOutputContents, bytes);
  return writer.buffer;
}

/** First bytes of the fields, all length-delimited: number << 3 | 2. */
const tags = {
  modelName: (1 << 3) | 2,
  modelVersion: (2 << 3) | 2,
  id: (3 << 3) | 2,
  parameters: (4 << 3) | 2,
  outputs: (5 << 3) | 2,
  rawOutputContents: (6 << 3) | 2,
  // Of InferOutputTensor.
  name: (1 << 3) | 2,
  datatype: (2 << 3) | 2,
  shape: (3 << 3) | 2,
};

/** Writes tagged blocks into a buffer that is large enough. */
class BlockWriter {
  readonly buffer: Buffer;
  private at: number;

  constructor(buffer: Buffer, start: number) {
    this.buffer = buffer;
    this.at = start;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.buffer[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.at++] = rest;
  }

  /** Begins a block of `size` bytes, which the caller writes next. */
  open(tag: number, size: number): void {
    this.buffer[this.at++] = tag;
    this.varint(size);
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.open(tag, bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Nothing for '', as proto3 says. */
  string(tag: number, text: string): void {
    if (text === '') return;
    const size = utf8Size(text);
    this.open(tag, size);
    if (size > maxShortText || size > text.length) this.buffer.write(text, this.at);
    else for (let index = 0; index < size; index += 1) this.buffer[this.at + index] = text.charCodeAt(index);
    this.at += size;
  }
}

function sizeOfOutput({ name, datatype, shape }: InferOutput): number {
  const shapeSize = shape.length === 0 ? 0 : sizeOfBlock(sizeOfShape(shape));
  return sizeOfString(name) + sizeOfString(datatype) + shapeSize;
}

function sizeOfShape(shape: readonly number[]): number {
  let size = 0;
  for (const dimension of shape) size += sizeOfVarint(dimension);
  return size;
}

function sizeOfString(text: string): number {
  return text === '' ? 0 : sizeOfBlock(utf8Size(text));
}

/** Up to this length a loop over ASCII is faster than a call into Node. */
const maxShortText = 32;

function utf8Size(text: string): number {
  if (text.length > maxShortText) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 127) return Buffer.byteLength(text);
  }
  return text.length;
}

/** A tag of one byte, a length, and as many bytes. */
function sizeOfBlock(size: number): number {
  return 1 + sizeOfVarint(size) + size;
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

import { elementCount, inference, isDatatype, datatypeInfo } from '@tributary/contract';

/** An output as a model declares it. */
export interface DeclaredOutput {
  readonly name: string;
  readonly datatype: string;
  /** -1 where any size will do; undefined where the server does not tell, and any shape will do. */
  readonly shape: readonly number[] | undefined;
}

/** Says what is wrong with the outputs of a ModelInferResponse: one that is missing, not as declared, or without its values. */
export function outputsFault(answer: Uint8Array, declared: readonly DeclaredOutput[]): string | undefined {
  let response: inference.ModelInferResponse;
  try {
    response = inference.ModelInferResponse.decode(answer);
  } catch {
    return 'the answer is no ModelInferResponse';
  }
  const { outputs, rawOutputContents } = response;
  if (outputs.length === 0) return 'an answer without outputs';
  for (const { name, datatype, shape } of declared) {
    const index = outputs.findIndex((output) => output.name === name);
    const output = outputs[index];
    if (output === undefined) return `no output ${name}`;
    if (output.datatype !== datatype) return `${name} is ${output.datatype ?? 'of no datatype'}, declared ${datatype}`;
    const got = (output.shape ?? []).map(Number);
    if (shape !== undefined && !isShape(got, shape)) return `${name} is [${got.join()}], declared [${shape.join()}]`;
    const values: unknown = Object.values(output.contents ?? {}).find(
      (field) => Array.isArray(field) && field.length > 0,
    );
    const fault = valuesFault(datatype, got, rawOutputContents[index], (values as unknown[] | undefined)?.length);
    if (fault !== undefined) return `${name} ${fault}`;
  }
  return undefined;
}

function isShape(got: readonly number[], declared: readonly number[]): boolean {
  return got.length === declared.length && declared.every((size, index) => size === -1 || size === got[index]);
}

function valuesFault(
  datatype: string,
  shape: readonly number[],
  raw: Uint8Array | undefined,
  typed: number | undefined,
): string | undefined {
  const count = elementCount(shape);
  const size = isDatatype(datatype) ? datatypeInfo(datatype).byteSize : undefined;
  if (raw === undefined) return (typed ?? 0) === count ? undefined : `has ${typed ?? 0} values for [${shape.join()}]`;
  if (count === undefined || size === undefined) return undefined;
  return raw.length === count * size ? undefined : `has ${raw.length} bytes for [${shape.join()}] of ${datatype}`;
}

/** The names in a ModelInferRequest; '' where it does not say. */
export interface InferNames {
  readonly model: string;
  readonly version: string;
  readonly id: string;
}

/** Tags of `model_name`, `model_version` and `id`. */
const nameTags = [0x0a, 0x12, 0x1a];
/** Tags of `inputs`, `outputs` and `raw_input_contents`. */
const tensorTags = [0x2a, 0x32, 0x3a];

/**
 * Reads the names of an inference.ModelInferRequest and steps over its tensors, so that a request can be refused before it is decoded.
 * @returns undefined where only the decoder can judge: a request in several pieces, one with parameters (they may ask for another
 *   place in the queue), one that names anything twice, has fields that this does not know, or does not end where it says
 */
export function readInferNames(pieces: readonly Uint8Array[]): InferNames | undefined {
  const bytes = pieces[0];
  if (bytes === undefined || pieces.length > 1) return undefined;
  const names: (string | undefined)[] = [undefined, undefined, undefined];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++]!;
    let length = bytes[at++] ?? 0;
    if (length > 127) {
      // Four bytes say more than a message holds.
      length &= 127;
      let byte = 128;
      for (let factor = 128; byte > 127; factor *= 128) {
        if (factor > 128 ** 3) return undefined;
        byte = bytes[at++] ?? 0;
        length += (byte & 127) * factor;
      }
    }
    const end = at + length;
    if (end > bytes.length) return undefined;
    const name = nameTags.indexOf(tag);
    if (name === -1 ? !tensorTags.includes(tag) : names[name] !== undefined) return undefined;
    // Of what is no UTF-8 this makes something that no model is called.
    if (name !== -1) names[name] = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
    at = end;
  }
  const [model = '', version = '', id = ''] = names;
  return { model, version, id };
}

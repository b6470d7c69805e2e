import { setImmediate } from 'node:timers/promises';
import {
  decodeText,
  float32Values,
  int64Tensor,
  parseJson,
  type TaskContext,
  type TaskModelFiles,
} from '@tributary/engine/task';
import { refusal } from '../refusals';
import { createWordPieceTokenizer, type Encoding, type WordPieceTokenizer } from '../tasks/wordpiece';
import { eachLimited } from './each-limited';

/** Texts of one call in the encoder's queue at the same time, so that a call of many leaves room for others. */
const maxTextsInFlight = 16;

/** Longest stretch of tokenising before other calls on the lane get a turn, in milliseconds. */
const turnMs = 5;

const inputIds = 'input_ids';
const attentionMask = 'attention_mask';
const sentenceEmbedding = 'sentence_embedding';

/**
 * A model that turns texts into vectors, with the tokenizer that belongs to it. Fits graphs with INT64 inputs `input_ids` and
 * `attention_mask` [batch, tokens] and an FP32 output `sentence_embedding` [batch, width] of unit length.
 */
export class SentenceEncoder {
  private constructor(
    private readonly tokenizer: WordPieceTokenizer,
    private readonly model: {
      readonly name: string;
      readonly version: string;
      readonly maxTokens: number;
    },
  ) {}

  /** Reads the tokenizer and checks that the graph is one of these. */
  static async load(
    files: TaskModelFiles<{ readonly tokenizer: string; readonly maxTokens: number }>,
  ): Promise<SentenceEncoder> {
    checkGraph(files);
    const { name, version, options } = files;
    const file = options.tokenizer;
    const json = parseJson(decodeText(await files.readFile(file), file), file);
    const tokenizer = createWordPieceTokenizer(json, file);
    if (options.maxTokens <= tokenizer.specialTokens) {
      const problem = `options.maxTokens is ${options.maxTokens}, but ${file} puts ${tokenizer.specialTokens} special tokens around every text`;
      throw refusal('MODEL_CONFIG_INVALID', { problem });
    }
    return new SentenceEncoder(tokenizer, { name, version, maxTokens: options.maxTokens });
  }

  /** Cuts texts into tokens. Lets other calls have turns, and stops where the call is aborted. */
  async tokenize(texts: readonly string[], signal: AbortSignal): Promise<Encoding[]> {
    const encodings: Encoding[] = [];
    let turnEnds = performance.now() + turnMs;
    for (const text of texts) {
      encodings.push(this.tokenizer.encode(text, this.model.maxTokens));
      if (performance.now() < turnEnds) continue;
      await setImmediate();
      signal.throwIfAborted();
      turnEnds = performance.now() + turnMs;
    }
    return encodings;
  }

  /** As tokenize, but refuses with TEXT_BLANK texts in which there is nothing for the model to see, naming all of them. */
  async tokenizeContent(texts: readonly string[], signal: AbortSignal): Promise<Encoding[]> {
    const encodings = await this.tokenize(texts, signal);
    const blank = [...encodings.keys()].filter((index) => !hasContent(encodings[index]!));
    if (blank.length > 0) throw refusal('TEXT_BLANK', { indices: blank }, { field: `texts[${blank[0]}]` });
    return encodings;
  }

  /**
   * One vector of unit length for each text, in order. Texts go to the engine as they are, the shortest first: it pads what it
   * puts into one run, and texts that are nearly equally long meet.
   */
  async embed(encodings: readonly Encoding[], context: TaskContext): Promise<Float32Array[]> {
    const { name } = this.model;
    const vectors = new Array<Float32Array>(encodings.length);
    const lengthOf = (text: number): number => encodings[text]!.ids.length;
    const byLength = Array.from(encodings.keys()).sort((a, b) => lengthOf(a) - lengthOf(b));
    await eachLimited(byLength, maxTextsInFlight, async (text) => {
      const { outputs } = await context.infer(inputTensors(encodings[text]!), { model: name, mayPad: true });
      vectors[text] = float32Values(outputs.get(sentenceEmbedding)!);
    });
    return vectors;
  }
}

/** Special tokens stand for no part of the text; a text of nothing else is blank to the model, whatever its characters are. */
function hasContent({ starts, ends }: Encoding): boolean {
  return ends.some((end, token) => end > starts[token]!);
}

function inputTensors({ ids }: Encoding): Parameters<TaskContext['infer']>[0] {
  const shape = [1, ids.length];
  return new Map([
    [inputIds, int64Tensor(shape, ids)],
    [attentionMask, int64Tensor(shape, new Int32Array(ids.length).fill(1))],
  ]);
}

function checkGraph({ inputs, outputs }: TaskModelFiles<unknown>): void {
  for (const name of [inputIds, attentionMask]) {
    const input = inputs.find((spec) => spec.name === name);
    if (input?.datatype !== 'INT64' || input.shape.length !== 2) {
      throw refusal('MODEL_UNSUPPORTED', { problem: `expected an input '${name}', INT64 [batch,tokens]` });
    }
  }
  if (inputs.length > 2)
    throw refusal('MODEL_UNSUPPORTED', { problem: `expected no input beside '${inputIds}' and '${attentionMask}'` });
  const output = outputs.find((spec) => spec.name === sentenceEmbedding);
  if (output?.datatype !== 'FP32' || output.shape.length !== 2) {
    throw refusal('MODEL_UNSUPPORTED', { problem: `expected an output '${sentenceEmbedding}', FP32 [batch,width]` });
  }
}

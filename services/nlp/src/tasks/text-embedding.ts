import { decodeMessage, tributary } from '@tributary/contract';
import type { TaskContext, TaskDefinition } from '@tributary/engine/task';
import { z } from 'zod';
import { checkTexts } from '../text/check-texts';
import type { Encoders } from '../text/encoders';
import { SentenceEncoder } from '../text/sentence-encoder';
import type { Encoding } from './wordpiece';

const { EmbedRequest, EmbedResponse, TokenizeRequest, TokenizeResponse } = tributary.nlp.v1;

const embedMethod = 'tributary.nlp.v1.NlpService/Embed';
const tokenizeMethod = 'tributary.nlp.v1.NlpService/Tokenize';

const options = z.strictObject({
  /** File of the version folder: a WordPiece tokenizer as Hugging Face's tokenizers write it. */
  tokenizer: z.string().min(1),
  /** Tokens the model sees of a text, special ones included. */
  maxTokens: z.int().min(3).max(8192),
});
type Options = z.infer<typeof options>;

/** Turns texts into vectors, and shows how they are cut into tokens. Graphs: see SentenceEncoder. */
export function textEmbedding(encoders: Encoders): TaskDefinition<Options> {
  return {
    name: 'text-embedding',
    methods: [embedMethod, tokenizeMethod],
    options,
    async load(model) {
      const encoder = await SentenceEncoder.load(model);
      encoders.add(model.name, model.version, encoder);
      return {
        methods: new Map([
          [embedMethod, (request, context) => embed(encoder, request, context)],
          [tokenizeMethod, (request, context) => tokenize(encoder, request, context)],
        ]),
        async warmUp(context) {
          await encoder.embed(await encoder.tokenize(['A first sentence.'], context.signal), context);
        },
        close: () => encoders.remove(model.name, model.version, encoder),
      };
    },
  };
}

async function embed(encoder: SentenceEncoder, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const { texts } = decodeMessage(EmbedRequest, encoded);
  checkTexts(texts);
  const encodings = await encoder.tokenizeContent(texts, context.signal);
  const vectors = await encoder.embed(encodings, context);
  return EmbedResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    embeddings: encodings.map(({ ids, truncated }, index) => ({
      // protobufjs packs any list of numbers; its types only know arrays.
      values: vectors[index] as unknown as number[],
      tokenCount: ids.length,
      truncated,
    })),
    timing: context.timing(),
  }).finish();
}

async function tokenize(encoder: SentenceEncoder, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const { texts } = decodeMessage(TokenizeRequest, encoded);
  checkTexts(texts);
  const encodings = await encoder.tokenize(texts, context.signal);
  return TokenizeResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    results: encodings.map((encoding) => ({ tokens: tokensOf(encoding), truncated: encoding.truncated })),
    timing: context.timing(),
  }).finish();
}

function tokensOf(encoding: Encoding): { id: number; text: string; start: number; end: number }[] {
  const { ids, starts, ends } = encoding;
  return encoding.tokens().map((text, index) => ({ id: ids[index]!, text, start: starts[index]!, end: ends[index]! }));
}

import { refusal } from '../refusals';

/** The parts of a tokenizer.json that a WordPiece tokenizer needs, checked. */
export interface WordPieceDefinition {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknownToken: string;
  readonly continuationPrefix: string;
  /** Words of more code points become the unknown token. */
  readonly maxWordLength: number;
  readonly cleanText: boolean;
  readonly isolateChinese: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
  /** Ids put in front of and behind every text. */
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
  /** Tokens recognised in the text itself, before anything is normalised. */
  readonly addedTokens: ReadonlyMap<string, number>;
}

/**
 * Reads a parsed tokenizer.json of the BERT family: BertNormalizer, BertPreTokenizer, WordPiece, and TemplateProcessing, BertProcessing or no
 * post-processor. The file's own truncation and padding are not read: the caller decides both.
 *
 * @param fileName name of the file, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID naming the part that is missing or of another kind; such a file would give other tokens
 *   than its authors meant.
 */
export function readDefinition(json: unknown, fileName: string): WordPieceDefinition {
  try {
    return read(json);
  } catch (error) {
    if (!(error instanceof DefinitionFault)) throw error;
    throw refusal('MODEL_FILE_INVALID', { file: fileName, problem: error.message });
  }
}

/** What is wrong with a definition. */
class DefinitionFault extends Error {
  override readonly name = 'DefinitionFault';
}

/** Highest id of a token: ids are sent as uint32 and handed to models as INT64 made from int32. */
const maxTokenId = 2 ** 31 - 1;
/** Longest token in UTF-16 units. Cutting a word tries every length up to that of the longest token. */
const maxTokenLength = 1024;
/** Highest value of max_input_chars_per_word. */
const maxWordLength = 10_000;

function read(json: unknown): WordPieceDefinition {
  const file = object(json, 'the file');
  const model = typed(file['model'], 'model', 'WordPiece');
  const normalizer = typed(file['normalizer'], 'normalizer', 'BertNormalizer');
  typed(file['pre_tokenizer'], 'pre_tokenizer', 'BertPreTokenizer');

  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(object(model['vocab'], 'model.vocab'))) {
    vocabulary.set(checkToken(token, 'a token of model.vocab'), tokenId(id, `id of ${shown(token)} in model.vocab`));
  }
  if (vocabulary.size === 0) throw new DefinitionFault('model.vocab has no tokens');
  const addedTokens = readAddedTokens(file['added_tokens'] ?? [], vocabulary);
  const unknownToken = string(model['unk_token'], 'model.unk_token');
  if (!vocabulary.has(unknownToken))
    throw new DefinitionFault(`model.unk_token ${shown(unknownToken)} is not in the vocabulary`);

  const lowercase = boolean(normalizer['lowercase'], 'normalizer.lowercase');
  return {
    vocabulary,
    unknownToken,
    continuationPrefix: string(model['continuing_subword_prefix'], 'model.continuing_subword_prefix'),
    maxWordLength: wholeNumber(model['max_input_chars_per_word'], 'model.max_input_chars_per_word', maxWordLength),
    cleanText: boolean(normalizer['clean_text'], 'normalizer.clean_text'),
    isolateChinese: boolean(normalizer['handle_chinese_chars'], 'normalizer.handle_chinese_chars'),
    // Left open, it follows the lower case, as in the original BERT.
    stripAccents: boolean(normalizer['strip_accents'] ?? lowercase, 'normalizer.strip_accents'),
    lowercase,
    ...readFrame(file['post_processor']),
    addedTokens,
  };
}

function readAddedTokens(value: unknown, vocabulary: ReadonlyMap<string, number>): Map<string, number> {
  const tokens = new Map<string, number>();
  for (const entry of list(value, 'added_tokens')) {
    const token = object(entry, 'an added token');
    const content = checkToken(string(token['content'], 'content of an added token'), 'an added token');
    for (const flag of ['normalized', 'single_word', 'lstrip', 'rstrip']) {
      if (token[flag] === true)
        throw new DefinitionFault(`added token ${shown(content)} has "${flag}", which is not supported`);
    }
    if (content === '') throw new DefinitionFault('an added token is empty');
    const id = tokenId(token['id'], `id of added token ${shown(content)}`);
    const other = tokens.get(content) ?? vocabulary.get(content) ?? id;
    if (other !== id) throw new DefinitionFault(`added token ${shown(content)} has the ids ${other} and ${id}`);
    tokens.set(content, id);
  }
  return tokens;
}

function readFrame(value: unknown): { prefix: number[]; suffix: number[] } {
  if (value === null || value === undefined) return { prefix: [], suffix: [] };
  const processor = object(value, 'post_processor');
  if (processor['type'] === 'BertProcessing') {
    const id = (name: string): number =>
      tokenId(list(processor[name], `post_processor.${name}`)[1], `post_processor.${name}`);
    return { prefix: [id('cls')], suffix: [id('sep')] };
  }
  return readTemplate(typed(value, 'post_processor', 'TemplateProcessing'));
}

function readTemplate(processor: Record<string, unknown>): { prefix: number[]; suffix: number[] } {
  const special = object(processor['special_tokens'], 'post_processor.special_tokens');
  const frame = { prefix: [] as number[], suffix: [] as number[] };
  let sequences = 0;
  for (const entry of list(processor['single'], 'post_processor.single')) {
    const piece = object(entry, 'a piece of post_processor.single');
    if (piece['Sequence'] !== undefined) {
      sequences++;
      continue;
    }
    const name = string(
      object(piece['SpecialToken'], 'a piece of post_processor.single')['id'],
      'id of a special token',
    );
    const ids = list(object(special[name], `special token ${name}`)['ids'], `ids of special token ${name}`);
    (sequences === 0 ? frame.prefix : frame.suffix).push(
      ...ids.map((id) => tokenId(id, `id of special token ${name}`)),
    );
  }
  if (sequences !== 1) throw new DefinitionFault('post_processor.single must hold the text exactly once');
  return frame;
}

function typed(value: unknown, name: string, type: string): Record<string, unknown> {
  const part = object(value, name);
  if (part['type'] !== type)
    throw new DefinitionFault(`${name} is ${shown(part['type'])}, only "${type}" is supported`);
  return part;
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(value, name, 'an object');
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw unexpected(value, name, 'a list');
  return value;
}

function string(value: unknown, name: string): string {
  if (typeof value !== 'string') throw unexpected(value, name, 'a string');
  return value;
}

function boolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw unexpected(value, name, 'true or false');
  return value;
}

function wholeNumber(value: unknown, name: string, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
    throw unexpected(value, name, `a whole number from 0 to ${most}`);
  return value;
}

function tokenId(value: unknown, name: string): number {
  return wholeNumber(value, name, maxTokenId);
}

/** A token goes out in answers, so it must be text: JSON can write half of a surrogate pair. */
function checkToken(token: string, name: string): string {
  if (loneSurrogate.test(token)) throw new DefinitionFault(`${name} has half of a surrogate pair; expected text`);
  if (token.length > maxTokenLength)
    throw new DefinitionFault(`${name} has ${token.length} characters; expected at most ${maxTokenLength}`);
  return token;
}

const loneSurrogate = /\p{Surrogate}/u;

function unexpected(value: unknown, name: string, expected: string): DefinitionFault {
  if (value === undefined) return new DefinitionFault(`${name} is missing; expected ${expected}`);
  return new DefinitionFault(`${name} is ${shown(value)}; expected ${expected}`);
}

/** A value of the file in few words. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40);
}

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
 * @throws Error naming the part that is missing or of another kind; such a file would give other tokens than its authors meant.
 */
export function readDefinition(json: unknown): WordPieceDefinition {
  const file = object(json, 'the file');
  const model = typed(file['model'], 'model', 'WordPiece');
  const normalizer = typed(file['normalizer'], 'normalizer', 'BertNormalizer');
  typed(file['pre_tokenizer'], 'pre_tokenizer', 'BertPreTokenizer');

  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(object(model['vocab'], 'model.vocab'))) {
    vocabulary.set(token, wholeNumber(id, 'an id in model.vocab'));
  }
  const addedTokens = readAddedTokens(file['added_tokens'] ?? []);
  const unknownToken = string(model['unk_token'], 'model.unk_token');
  if (!vocabulary.has(unknownToken))
    throw refusal(`model.unk_token ${JSON.stringify(unknownToken)} is not in the vocabulary`);

  const lowercase = boolean(normalizer['lowercase'], 'normalizer.lowercase');
  return {
    vocabulary,
    unknownToken,
    continuationPrefix: string(model['continuing_subword_prefix'], 'model.continuing_subword_prefix'),
    maxWordLength: wholeNumber(model['max_input_chars_per_word'], 'model.max_input_chars_per_word'),
    cleanText: boolean(normalizer['clean_text'], 'normalizer.clean_text'),
    isolateChinese: boolean(normalizer['handle_chinese_chars'], 'normalizer.handle_chinese_chars'),
    // Left open, it follows the lower case, as in the original BERT.
    stripAccents: boolean(normalizer['strip_accents'] ?? lowercase, 'normalizer.strip_accents'),
    lowercase,
    ...readFrame(file['post_processor']),
    addedTokens,
  };
}

function readAddedTokens(value: unknown): Map<string, number> {
  const tokens = new Map<string, number>();
  for (const entry of list(value, 'added_tokens')) {
    const token = object(entry, 'an added token');
    const content = string(token['content'], 'content of an added token');
    for (const flag of ['normalized', 'single_word', 'lstrip', 'rstrip']) {
      if (token[flag] === true)
        throw refusal(`added token ${JSON.stringify(content)} has "${flag}", which is not supported`);
    }
    if (content === '') throw refusal('an added token is empty');
    tokens.set(content, wholeNumber(token['id'], 'id of an added token'));
  }
  return tokens;
}

function readFrame(value: unknown): { prefix: number[]; suffix: number[] } {
  if (value === null || value === undefined) return { prefix: [], suffix: [] };
  const processor = object(value, 'post_processor');
  if (processor['type'] === 'BertProcessing') {
    const id = (name: string): number =>
      wholeNumber(list(processor[name], `post_processor.${name}`)[1], `post_processor.${name}`);
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
      ...ids.map((id) => wholeNumber(id, `id of special token ${name}`)),
    );
  }
  if (sequences !== 1) throw refusal('post_processor.single must hold the text exactly once');
  return frame;
}

function refusal(reason: string): Error {
  return new Error(`tokenizer.json: ${reason}`);
}

function typed(value: unknown, name: string, type: string): Record<string, unknown> {
  const part = object(value, name);
  if (part['type'] !== type) throw refusal(`${name} is ${JSON.stringify(part['type'])}, only "${type}" is supported`);
  return part;
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(`${name} must be an object`);
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw refusal(`${name} must be a list`);
  return value;
}

function string(value: unknown, name: string): string {
  if (typeof value !== 'string') throw refusal(`${name} must be a string`);
  return value;
}

function boolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw refusal(`${name} must be true or false`);
  return value;
}

function wholeNumber(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw refusal(`${name} must be a whole number`);
  return value;
}

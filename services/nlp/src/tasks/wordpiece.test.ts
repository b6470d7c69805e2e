import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createWordPieceTokenizer, type Encoding } from './wordpiece';

interface Lists {
  readonly ids: number[];
  readonly starts: number[];
  readonly ends: number[];
}
type Case =
  | ({ readonly group: string; readonly text: string } & Lists)
  | {
      readonly group: 'long';
      readonly repeat: [string, number];
      readonly count: number;
      readonly sha256: string;
      readonly truncated: Lists;
    };

function repositoryRoot(from: string): string {
  return existsSync(join(from, 'pnpm-workspace.yaml')) ? from : repositoryRoot(dirname(from));
}

const root = repositoryRoot(__dirname);
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const definition = readJson('models/nlp/bge-small-en/1/tokenizer.json') as Record<string, Record<string, unknown>>;
const fixture = readJson('test/fixtures/text/tokenizer.json') as { maxTokens: number; cases: Case[] };
const tokenizer = createWordPieceTokenizer(definition);
const names = new Map(
  Object.entries(definition['model']!['vocab'] as Record<string, number>).map(([token, id]) => [id, token]),
);

function lists(encoding: Encoding): Lists {
  return { ids: [...encoding.ids], starts: [...encoding.starts], ends: [...encoding.ends] };
}

function digest({ ids, starts, ends }: Lists): string {
  return createHash('sha256')
    .update(JSON.stringify([ids, starts, ends]))
    .digest('hex');
}

describe('a WordPiece tokenizer of bge-small-en', () => {
  const groups = new Map<string, Case[]>();
  for (const each of fixture.cases) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);

  it.each([...groups.keys()].filter((group) => group !== 'long'))(
    'gives the ids and offsets of the reference: %s',
    (group) => {
      for (const each of groups.get(group)!) {
        if (!('text' in each)) continue;
        const { text, ids, starts, ends } = each;
        const encoding = tokenizer.encode(text);
        expect({ text, ...lists(encoding) }).toEqual({ text, ids, starts, ends });
        expect(encoding.tokens()).toEqual(ids.map((id) => names.get(id)));
        expect(encoding.truncated).toBe(false);
      }
    },
  );

  it('gives the ids and offsets of the reference over the length limit, whole and cut', () => {
    let checked = 0;
    for (const each of groups.get('long')!) {
      if (!('repeat' in each)) continue;
      const text = each.repeat[0].repeat(each.repeat[1]);
      const whole = tokenizer.encode(text);
      expect(whole.ids.length).toBe(each.count);
      expect(digest(lists(whole))).toBe(each.sha256);
      const cut = tokenizer.encode(text, fixture.maxTokens);
      expect(lists(cut)).toEqual(each.truncated);
      expect(cut.truncated).toBe(true);
      checked++;
    }
    expect(checked).toBe(60);
  });

  it('says "truncated" only when a token did not fit', () => {
    const { length } = tokenizer.encode('one two three').ids;
    expect(tokenizer.encode('one two three', length).truncated).toBe(false);
    expect(tokenizer.encode('one two three  \t', length).truncated).toBe(false);
    expect(tokenizer.encode('one two three.', length).truncated).toBe(true);
    expect([...tokenizer.encode('one', 2).ids]).toEqual([101, 102]);
    expect(() => tokenizer.encode('one', 1)).toThrow(RangeError);
  });

  it.each([
    ['one word of 1 MB', 'a'.repeat(1 << 20)],
    ['200,000 ideographs', '漢'.repeat(200_000)],
    ['100,000 combining marks', `a${'\u0301'.repeat(100_000)}`],
    ['100,000 marks that stay', `e${'\u0301\u302e'.repeat(50_000)}`],
    ['100,000 NUL characters', '\0'.repeat(100_000)],
    ['100,000 brackets that start no special token', '[CLS'.repeat(25_000)],
    ['lone surrogates', '\ud800\udc00\ud800 \udc00'.repeat(20_000)],
  ])('answers in time linear in the length of the text: %s', (_, text) => {
    const half = text.slice(0, text.length / 2);
    tokenizer.encode(half);
    // A quadratic walk over these texts takes minutes; the slack is for what else this process does meanwhile.
    const took = (input: string): number => processorMs(() => tokenizer.encode(input));
    expect(took(text)).toBeLessThan(20 * Math.max(took(half), 20));
    expect(took(text)).toBeLessThan(2_000);
  });

  it('reads no more of a long text than the limit needs', () => {
    const text = '漢'.repeat(200_000);
    const took = processorMs(() => {
      for (let i = 0; i < 20; i++) expect(tokenizer.encode(text, 512).truncated).toBe(true);
    });
    expect(took / 20).toBeLessThan(20);
  });
});

/** Processor time, which a busy machine does not stretch as it does the time of the clock. */
function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('a tokenizer.json that is not of the BERT family', () => {
  const changed = (part: string, change: Record<string, unknown>): unknown => ({
    ...definition,
    [part]: { ...definition[part], ...change },
  });

  it.each([
    ['a normalizer of another kind', changed('normalizer', { type: 'NFC' }), /normalizer is "NFC"/],
    [
      'a pre-tokenizer of another kind',
      changed('pre_tokenizer', { type: 'ByteLevel' }),
      /pre_tokenizer is "ByteLevel"/,
    ],
    ['a model of another kind', changed('model', { type: 'BPE' }), /model is "BPE"/],
    [
      'an unknown token outside the vocabulary',
      changed('model', { unk_token: '<unk>' }),
      /"<unk>" is not in the vocabulary/,
    ],
    [
      'a post-processor of another kind',
      changed('post_processor', { type: 'RobertaProcessing' }),
      /post_processor is "RobertaProcessing"/,
    ],
    [
      'an added token that strips',
      { ...definition, added_tokens: [{ id: 1, content: '<x>', lstrip: true }] },
      /"lstrip"/,
    ],
    ['no vocabulary', changed('model', { vocab: undefined }), /model.vocab is missing; expected an object/],
    ['an empty vocabulary', changed('model', { vocab: {} }), /model.vocab has no tokens/],
    [
      'an id that is text',
      changed('model', { vocab: { a: '1' } }),
      /id of "a" in model.vocab is "1"; expected a whole number/,
    ],
    ['a negative id', changed('model', { vocab: { a: -1 } }), /id of "a" in model.vocab is -1/],
    ['an id beyond int32', changed('model', { vocab: { a: 2 ** 31 } }), /id of "a" in model.vocab is 2147483648/],
    [
      'half of a surrogate pair',
      changed('model', { vocab: { '\ud83d': 1 } }),
      /a token of model.vocab has half of a surrogate/,
    ],
    ['a token of a novel', changed('model', { vocab: { ['a'.repeat(2000)]: 1 } }), /has 2000 characters/],
    [
      'an added token with another id than in the vocabulary',
      { ...definition, added_tokens: [{ id: 5, content: '[CLS]' }] },
      /added token "\[CLS\]" has the ids 101 and 5/,
    ],
    ['no object', 'tokenizer', /the file is "tokenizer"; expected an object/],
  ])('is refused: %s', (_, json, message) => {
    expect(() => createWordPieceTokenizer(json)).toThrow(message);
  });

  it('may name tokens like members of objects', () => {
    const vocab = JSON.parse(
      '{"[UNK]":100,"[PAD]":0,"[MASK]":103,"__proto__":1,"constructor":2,"[CLS]":101,"[SEP]":102}',
    ) as unknown;
    const named = createWordPieceTokenizer(changed('model', { vocab }));
    const { ids } = named.encode('constructor toString');
    expect([...ids]).toEqual([101, 2, 100, 102]);
  });

  it('is accepted with BertProcessing in place of a template', () => {
    const json = {
      ...definition,
      post_processor: { type: 'BertProcessing', sep: ['[SEP]', 102], cls: ['[CLS]', 101] },
    };
    expect([...createWordPieceTokenizer(json).encode('hello').ids]).toEqual([101, 7592, 102]);
  });

  it('keeps case and accents where its flags say so', () => {
    const cased = createWordPieceTokenizer(changed('normalizer', { lowercase: false, strip_accents: false }));
    expect(cased.encode('Café hello').tokens()).toEqual(['[CLS]', '[UNK]', 'hello', '[SEP]']);
  });
});

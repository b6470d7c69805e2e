import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refusalOf, startTestServer, type TestServer } from '@tributary/model-server/testing';

const embedMethod = 'tributary.nlp.v1.NlpService/Embed';
const classifyMethod = 'tributary.nlp.v1.NlpService/Classify';
const tokenizeMethod = 'tributary.nlp.v1.NlpService/Tokenize';
const textRpcs = [embedMethod, classifyMethod, tokenizeMethod] as const;
const models = join(__dirname, '../../../../models/nlp');

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ repository: models, tasksModule: join(__dirname, '../tasks/index.js') });
});

afterAll(() => server.close());

interface Example {
  readonly request: { readonly texts: string[] };
  readonly expected: {
    readonly embeddings: readonly { readonly values: number[]; readonly token_count: number }[];
    readonly results: readonly { readonly labels: readonly { readonly label: string; readonly score: number }[] }[];
  };
  readonly tolerance: number;
}

function example(model: string): Example {
  return JSON.parse(readFileSync(join(models, model, 'example.json'), 'utf8')) as Example;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

async function embed(...texts: string[]): Promise<{ values: number[]; tokenCount: number; truncated: boolean }[]> {
  return (await server.client.call(embedMethod, { texts })).embeddings;
}

const refusal = (rpc: (typeof textRpcs)[number], texts: string[]): Promise<unknown> =>
  refusalOf(server.client.call(rpc, { texts }));

const refused = (reason: string, field: string): unknown =>
  expect.objectContaining({ status: 'INVALID_ARGUMENT', reason, field });

describe('Embed', () => {
  it('answers the example of the model card as its source does', async () => {
    const { request, expected, tolerance } = example('bge-small-en');
    const { texts } = request;
    const response = await server.client.call(embedMethod, { texts });
    expect(response).toMatchObject({ modelName: 'bge-small-en', modelVersion: '1' });
    expect(response.embeddings).toHaveLength(texts.length);
    expected.embeddings.forEach(({ values, token_count }, index) => {
      const got = response.embeddings[index]!;
      expect(got.tokenCount).toBe(token_count);
      const worst = Math.max(...values.map((value, i) => Math.abs(value - got.values[i]!)));
      expect(worst).toBeLessThanOrEqual(tolerance);
    });
  });

  it('gives every text the vector it has alone, whatever travels with it, in order', async () => {
    const texts = Array.from(
      { length: 40 },
      (_, index) => `Sentence ${'about something '.repeat(index % 7)}number ${index}.`,
    );
    const together = await embed(...texts);
    expect(together).toHaveLength(texts.length);
    for (const index of [0, 6, 13, 39]) {
      const [alone] = await embed(texts[index]!);
      expect(dot(together[index]!.values, alone!.values)).toBeGreaterThan(0.9999);
      expect(dot(together[index]!.values, together[index]!.values)).toBeCloseTo(1, 4);
    }
  });

  it('tells that a text was longer than the model sees', async () => {
    const [long, short] = await embed('word '.repeat(2000), 'word');
    expect(long).toMatchObject({ truncated: true, tokenCount: 512 });
    expect(short).toMatchObject({ truncated: false, tokenCount: 3 });
  });
});

describe('Classify', () => {
  it('answers the example of the model card as its source does', async () => {
    const { request, expected, tolerance } = example('sentiment');
    const { texts } = request;
    const { results, modelName } = await server.client.call(classifyMethod, { texts });
    expect(modelName).toBe('sentiment');
    expected.results.forEach(({ labels }, index) => {
      const got = results[index]!.labels;
      expect(got.map(({ label }) => label)).toEqual(labels.map(({ label }) => label));
      labels.forEach(({ score }, rank) => expect(Math.abs(got[rank]!.score - score)).toBeLessThanOrEqual(tolerance));
    });
  });

  it('asks the one encoder that Embed uses', async () => {
    const rows = async (): Promise<number> =>
      (await server.metrics()).get('nv_inference_count{model="bge-small-en",version="1"}')!;
    const before = await rows();
    await server.client.call(classifyMethod, { texts: ['one', 'two', 'three'] });
    expect(await rows()).toBe(before + 3);
  });

  it('answers a call of 256 texts, in order', async () => {
    const texts = Array.from({ length: 256 }, (_, index) => (index % 2 === 0 ? 'I love it.' : 'I hate it.'));
    const { results } = await server.client.call(classifyMethod, { texts });
    expect(results.map(({ labels }) => labels[0]!.label)).toEqual(
      texts.map((text) => (text.includes('love') ? 'positive' : 'negative')),
    );
  });
});

describe('Tokenize', () => {
  it('shows tokens with their places in code points', async () => {
    const { results } = await server.client.call(tokenizeMethod, { texts: ['Hi 👋🏽 there'] });
    const tokens = results[0]!.tokens;
    expect(tokens[0]).toMatchObject({ text: '[CLS]', start: 0, end: 0 });
    expect(tokens.find(({ text }) => text === 'there')).toMatchObject({ start: 6, end: 11 });
    expect(results[0]!.truncated).toBe(false);
  });
});

describe('hard texts', () => {
  it.each([
    ['a word of 1 MB', 'a'.repeat(2 ** 20)],
    ['200,000 CJK characters', '統'.repeat(200_000)],
    ['100,000 combining marks', 'e' + '\u0301'.repeat(100_000)],
    ['64 KiB and a byte', 'a'.repeat(64 * 1024 + 1)],
  ])('case 15: %s is over the cap and refused', async (_, text) => {
    for (const rpc of textRpcs)
      expect(await refusal(rpc, ['fine', text])).toEqual(refused('TEXT_TOO_LONG', 'texts[1]'));
  });

  it.each([
    ['a word of 64 KiB', 'a'.repeat(64 * 1024)],
    ['CJK up to the cap', '統'.repeat(21_000)],
    ['combining marks up to the cap', 'e' + '\u0301'.repeat(32_000)],
    ['NULs between words', 'a\0\0\0b'],
  ])('case 15: %s has a defined result', async (_, text) => {
    const { results } = await server.client.call(tokenizeMethod, { texts: [text] });
    expect(results[0]!.tokens.length).toBeGreaterThanOrEqual(3);
    const [embedding] = await embed(text);
    expect(dot(embedding!.values, embedding!.values)).toBeCloseTo(1, 4);
  });

  it.each([
    ['empty', ''],
    ['white space', ' \t\n\u3000'],
    ['a run of NULs', '\0'.repeat(1000)],
    ['nothing but combining marks', '\u0301'.repeat(50)],
  ])('case 15: a text that is %s is refused by Embed and Classify, and tokenised to nothing', async (_, text) => {
    expect(await refusal(embedMethod, ['fine', text])).toEqual(refused('TEXT_BLANK', 'texts[1]'));
    expect(await refusal(classifyMethod, [text])).toEqual(refused('TEXT_BLANK', 'texts[0]'));
    const { results } = await server.client.call(tokenizeMethod, { texts: [text] });
    expect(results[0]!.tokens.map((token) => token.text)).toEqual(['[CLS]', '[SEP]']);
  });

  it('names all blank texts of a call at once', async () => {
    const texts = ['fine', '', 'fine', ' ', '\u0301'];
    const { message, field } = await refusalOf(server.client.call(embedMethod, { texts }));
    expect(message).toBe('texts 1, 3 and 4 are empty or only white space');
    expect(field).toBe('texts[1]');
    const all = await refusalOf(server.client.call(classifyMethod, { texts: new Array<string>(256).fill('') }));
    expect(all.message).toMatch(/^texts 0, 1, .*, 127 and 128 more are empty or only white space$/);
  });

  it('case 15: lone surrogates are no UTF-8 and refused', async () => {
    const request = Buffer.from([0x1a, 3, 0xed, 0xa0, 0xbd]);
    for (const rpc of textRpcs) expect((await server.client.callBytes(`/${rpc}`, request)).code).toBe(3);
  });

  it('case 15: no text and too many are refused', async () => {
    for (const rpc of textRpcs) {
      expect(await refusal(rpc, [])).toEqual(refused('TEXT_MISSING', 'texts'));
      expect(await refusal(rpc, new Array<string>(257).fill('a'))).toEqual(refused('TEXT_TOO_MANY', 'texts'));
    }
  });

  it('case 15: other calls are answered while the hardest texts are cut into tokens', async () => {
    const texts = Array.from({ length: 120 }, () => 'ab'.repeat(32 * 1024));
    let ended = 0;
    const tokenised = server.client.call(tokenizeMethod, { texts }, { timeoutMs: 60_000 }).finally(() => ended++);
    // From here on its request has arrived, and only the work is left.
    while (ended === 0 && (await server.metrics()).get('tributary_grpc_calls_in_flight') !== 1);
    // On the event loop the work would be over before the first of these.
    for (let call = 0; call < 3; call++) await server.client.call('inference.GRPCInferenceService/ServerLive', {});
    expect(ended).toBe(0);
    await tokenised;
  });
});

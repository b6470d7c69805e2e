import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refusalOf, startTestServer, type TestServer } from '@tributary/model-server/testing';
import { pngHeader } from './png-header';

const classifyMethod = 'tributary.image.v1.ImageService/Classify';
const root = join(__dirname, '../../../..');
const fixtures = join(root, 'test/fixtures/images');
const model = join(root, 'models/image/efficientnet-lite0');

interface Example {
  readonly request: { readonly image: { readonly $file: string }; readonly top_k: number };
  readonly expected: { readonly classes: readonly { index: number; label: string; score: number }[] };
  readonly tolerance: number;
}

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    repository: join(root, 'models/image'),
    tasksModule: join(__dirname, '../tasks/index.js'),
  });
});

afterAll(() => server.close());

const sample = (): Buffer => readFileSync(join(model, 'sample.jpg'));

describe('Classify', () => {
  it('answers the example of the model card as its source does', async () => {
    const example = JSON.parse(readFileSync(join(model, 'example.json'), 'utf8')) as Example;
    const response = await server.client.call(classifyMethod, { image: sample(), topK: example.request.top_k });
    expect(response).toMatchObject({ modelName: 'efficientnet-lite0', modelVersion: '1' });
    expect(response.classes.map(({ index, label }) => ({ index, label }))).toEqual(
      example.expected.classes.map(({ index, label }) => ({ index, label })),
    );
    example.expected.classes.forEach(({ score }, place) => {
      expect(Math.abs(response.classes[place]!.score - score)).toBeLessThanOrEqual(example.tolerance);
    });
  });

  it('says where the time went', async () => {
    const { timing } = await server.client.call(classifyMethod, { image: sample() });
    expect(Number(timing?.prepareUs)).toBeGreaterThan(0);
    expect(Number(timing?.inferenceUs)).toBeGreaterThan(0);
    expect(timing?.batchSize).toBe(1);
  });

  it('returns five classes where nothing else is asked for, and all where more are asked for than there are', async () => {
    const image = sample();
    expect((await server.client.call(classifyMethod, { image })).classes).toHaveLength(5);
    const { classes } = await server.client.call(classifyMethod, { image, topK: 4_000_000_000 });
    expect(classes).toHaveLength(1000);
    expect(classes.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 3);
    classes.slice(1).forEach(({ score, index }, place) => {
      const before = classes[place]!;
      expect(before.score > score || (before.score === score && before.index < index)).toBe(true);
    });
  });

  it.each([
    ['empty', new Uint8Array(0), 'IMAGE_EMPTY'],
    ['a text', Buffer.from('This is a text.'), 'IMAGE_UNSUPPORTED'],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'), 'IMAGE_UNSUPPORTED'],
    ['a JPEG cut off', sample().subarray(0, 9000), 'IMAGE_CORRUPT'],
  ])('case 14: a picture that is %s is refused', async (_, image, reason) => {
    const refusal = await refusalOf(server.client.call(classifyMethod, { image }));
    expect(refusal).toMatchObject({ status: 'INVALID_ARGUMENT', reason, field: 'image' });
  });

  it.each([
    ['9000 x 9000 pixels in 80 KB', () => pngHeader(9000, 9000, deflateSync(Buffer.alloc(9000 * 9001)))],
    ['60000 x 60000 pixels by its header', () => pngHeader(60_000, 60_000)],
  ])('case 14: a picture of %s is refused as too large', async (_, image) => {
    const refusal = await refusalOf(server.client.call(classifyMethod, { image: image() }));
    expect(refusal).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'IMAGE_TOO_LARGE', field: 'image' });
  });

  it.each([
    'animated.webp',
    'animated.gif',
    'cmyk.jpg',
    'rgb-16-bit.png',
    'grey.jpg',
    'palette-alpha.png',
    'exif-6.jpg',
  ])('case 14: %s is accepted', async (file) => {
    const { classes } = await server.client.call(classifyMethod, { image: readFileSync(join(fixtures, file)) });
    expect(classes).toHaveLength(5);
  });

  it('case 14: a picture is seen upright, whichever way it is stored', async () => {
    const top = async (file: string): Promise<number[]> => {
      const { classes } = await server.client.call(classifyMethod, {
        image: readFileSync(join(fixtures, file)),
        topK: 3,
      });
      // Turned before it is compressed, a picture loses other details: the order of close scores may differ.
      return classes.map(({ index }) => index).sort((a, b) => a - b);
    };
    const upright = await top('exif-3.jpg');
    expect(await top('exif-6.jpg')).toEqual(upright);
    expect(await top('exif-8.jpg')).toEqual(upright);
  });
});

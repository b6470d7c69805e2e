import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tributary } from '@tributary/contract';
import { root } from '../paths';
import type { LoadPlan } from './plan';

const recommend = call('recommendation.v1.RecommendationService/Recommend', () =>
  tributary.recommendation.v1.RecommendRequest.encode({ userId: 146, k: 5 }).finish(),
);
const classifyText = call('nlp.v1.NlpService/Classify', () =>
  tributary.nlp.v1.ClassifyRequest.encode({ texts: ['What a lovely day'] }).finish(),
);
const classifyImage = call('image.v1.ImageService/Classify', () =>
  tributary.image.v1.ClassifyRequest.encode({
    image: readFileSync(join(root, 'models/image/efficientnet-lite0/sample.jpg')),
  }).finish(),
);

/** Calls that take a model several milliseconds each. */
export const textCalls: LoadPlan['calls'] = [classifyText];

/** Most calls are small and fast, as in life; one of fifty is a text, one of fifty a picture. */
export const mixedCalls: LoadPlan['calls'] = Array.from({ length: 50 }, (_, index) =>
  index === 16 ? classifyText : index === 33 ? classifyImage : recommend,
);

function call(name: string, encode: () => Uint8Array): LoadPlan['calls'][number] {
  return { path: `/tributary.${name}`, request: Buffer.from(encode()).toString('base64') };
}

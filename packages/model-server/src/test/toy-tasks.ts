import { decodeMessage, defineRefusals, Status, tributary } from '@tributary/contract';
import type { TaskTable } from '@tributary/engine/task';

const { ClassifyRequest, ClassifyResponse } = tributary.image.v1;
const classifyMethod = 'tributary.image.v1.ImageService/Classify';

const refusal = defineRefusals('toy', {
  TOY_EMPTY: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the image is empty',
    meaning: 'There is nothing to score.',
    remedy: 'Send bytes.',
  },
});

/** A task without a picture decoder: the bytes of `image` are the scores. Two bytes 0xde 0xad are a defect of the task. */
export const tasks: TaskTable = [
  {
    name: 'toy',
    methods: [classifyMethod],
    options: { parse: (options) => options },
    load: (model) =>
      Promise.resolve({
        methods: new Map([
          [
            classifyMethod,
            async (encoded, context) => {
              const { image } = decodeMessage(ClassifyRequest, encoded);
              if (image.length === 0) throw refusal('TOY_EMPTY', {}, { field: 'image' });
              if (image[0] === 0xde && image[1] === 0xad) throw new TypeError(`secret of ${__filename}`);
              const bytes = new Uint8Array(Float32Array.from(image).buffer);
              const input = { datatype: 'FP32', shape: [image.length], bytes } as const;
              const { outputs } = await context.infer(new Map([['input', input]]));
              const scores = [...new Float32Array(new Uint8Array(outputs.get('output')!.bytes).buffer)];
              return ClassifyResponse.encode({
                modelName: context.model,
                modelVersion: context.version,
                classes: scores.map((score, index) => ({ index, score, label: model.labels[index] ?? '' })),
                timing: context.timing(),
              }).finish();
            },
          ],
        ]),
      }),
  },
];

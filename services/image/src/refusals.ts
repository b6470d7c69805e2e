import { defineRefusals, Status, type CatalogueEntry, type TaskRefuse } from '@tributary/contract';

/** Refusals of tasks that take pictures. */
export const refusals = {
  IMAGE_EMPTY: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the image is empty',
    meaning: 'The request carries no picture.',
    remedy: 'Send the bytes of an encoded picture.',
  },
  IMAGE_UNSUPPORTED: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the image is in no supported format; supported are JPEG, PNG, WebP and GIF',
    meaning: 'The bytes do not begin as one of the supported formats does.',
    remedy: 'Send JPEG, PNG, WebP or GIF.',
  },
  IMAGE_CORRUPT: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the image cannot be decoded: it is damaged or cut off',
    meaning: 'The picture begins well, but cannot be decoded to its end.',
    remedy: 'Send the whole file.',
  },
  IMAGE_TOO_LARGE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { width: number; height: number; expected: number }) =>
      `the image has ${a.width} x ${a.height} pixels; at most ${a.expected} are accepted`,
    meaning: 'The picture has more pixels than the limit. None was decoded.',
    remedy: 'Scale it down; models see a few hundred pixels a side.',
  },
} satisfies Record<string, CatalogueEntry>;

/** Makes the error of one of these reasons, or of one of the contract's. */
export const refusal: TaskRefuse<typeof refusals> = defineRefusals('image', refusals);

import { defineRefusals, printableList, Status, type CatalogueEntry, type TaskRefuse } from '@tributary/contract';

/** Refusals of tasks that take texts. */
export const refusals = {
  TEXT_MISSING: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the request has no text',
    meaning: 'The list of texts is empty.',
    remedy: 'Send at least one text.',
  },
  TEXT_TOO_MANY: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { expected: number; got: number }) =>
      `the request has ${a.got} texts; at most ${a.expected} are accepted`,
    meaning: 'The list of texts is longer than the limit.',
    remedy: 'Split the request.',
  },
  TEXT_TOO_LONG: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { /** Position in the request's list, from 0. */ index: number; expected: number; got: number }) =>
      `text ${a.index} has ${a.got} bytes of UTF-8; at most ${a.expected} are accepted`,
    meaning: 'A text is longer than the limit.',
    remedy: 'Split the text; models see its first few hundred tokens.',
  },
  TEXT_BLANK: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { /** Positions in the request's list, from 0. */ indices: readonly number[] }) =>
      a.indices.length === 1
        ? `text ${a.indices[0]} is empty or only white space`
        : `texts ${printableList(a.indices)} are empty or only white space`,
    meaning: 'There is nothing in some of the texts to embed or label. All of them are named.',
    remedy: 'Leave those texts out.',
  },
} satisfies Record<string, CatalogueEntry>;

/** Makes the error of one of these reasons, or of one of the contract's. */
export const refusal: TaskRefuse<typeof refusals> = defineRefusals('nlp', refusals);

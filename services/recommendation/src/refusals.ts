import {
  defineRefusals,
  printable,
  printableMessage,
  Status,
  type CatalogueEntry,
  type TaskRefuse,
} from '@tributary/contract';

/** Refusals of the recommendation tasks. */
export const refusals = {
  WHO_MISSING: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the request names nobody; expected user_id or liked',
    meaning: 'Neither a user nor a list of liked items was sent.',
    remedy: 'Set `user_id` or `liked`.',
  },
  USER_UNKNOWN: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { got: string | number | bigint }) => `user ${printable(String(a.got))} is not known to the model`,
    meaning: 'The model has no user of that id.',
    remedy: 'Send what the person liked instead.',
  },
  ITEM_UNKNOWN: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { field: string; got: string | number | bigint }) =>
      `${printable(a.field)}: item ${printable(String(a.got))} is not known to the model`,
    meaning: 'The model has no item of that id.',
    remedy: 'Leave the item out.',
  },
  ID_OUT_OF_RANGE: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { field: string; got: string | number | bigint }) =>
      `${printable(a.field)}: ${printable(String(a.got))} is not an id; ids are whole numbers from 0 to 2^53 - 1`,
    meaning: 'An id is larger than any id can be.',
    remedy: 'Check the id; a negative number sent as unsigned looks like this.',
  },
  K_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'k is 0; expected 1 or more',
    meaning: 'No items were asked for.',
    remedy: 'Ask for at least one, or leave `k` out for the default.',
  },
  FILTER_INVALID: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { problem: string }) => `the filter cannot be met: ${printableMessage(a.problem)}`,
    meaning: 'The filter contradicts itself or names a genre that the model does not have.',
    remedy: 'Mend the filter as the message says.',
  },
  CANDIDATES_MISSING: {
    status: Status.INVALID_ARGUMENT,
    message: () => 'the request has no candidates',
    meaning: 'No items to score were sent.',
    remedy: 'Send at least one candidate.',
  },
} satisfies Record<string, CatalogueEntry>;

/** Makes the error of one of these reasons, or of one of the contract's. */
export const refusal: TaskRefuse<typeof refusals> = defineRefusals('recommendation', refusals);

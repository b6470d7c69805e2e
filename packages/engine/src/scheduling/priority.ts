/** Place of a request in the queue of its model: before all others, as usual, or behind. */
export type Priority = 0 | 1 | 2;

/** The level of a request that asks for none. */
export const usualPriority: Priority = 1;
export const priorityCount = 3;

/**
 * The level of Triton's number: 1 goes first, 2 is the usual one and the same as 0 or none, 3 and everything above goes last.
 */
export function toPriority(asked: number | undefined): Priority {
  if (asked === undefined || asked === 0 || asked === 2) return usualPriority;
  return asked === 1 ? 0 : 2;
}

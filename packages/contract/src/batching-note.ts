import type { tributary } from '../gen/messages';

/** Values of `by` in tributary.model.v1.Batching. */
export const batchingWords = { proved: 'proved', ownersWord: "by its owner's word", not: 'not batched' } as const;

/**
 * What an index says of a model that answers: on whose word its requests share runs, or why they do not. '' where it is proved, and where
 * there is no reason to tell.
 */
export function batchingNote({ by, reason }: tributary.model.v1.Batching.$Properties): string {
  if (by === batchingWords.ownersWord) return `batched by its owner's word${reason ? `: ${reason}` : ''}`;
  return by === batchingWords.not && reason ? `not batched: ${reason}` : '';
}

import type { UnaryHandler } from '@tributary/serve';

/** A handler out of a function that answers at once with a message being written; what it throws becomes a rejection. */
export function unary(answer: (request: Uint8Array) => { finish(): Uint8Array }): UnaryHandler {
  return (request) => new Promise((resolve) => resolve(answer(request).finish()));
}

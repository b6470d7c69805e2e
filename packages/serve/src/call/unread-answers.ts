import { refusal, type TributaryError } from '@tributary/contract';
import type { Http2Session } from 'node:http2';

/** Shorter answers are not counted: as many as a connection may have at once hold less than one large answer. */
export const minCountedBytes = 16 * 1024;

/**
 * Bytes of answers that callers have not taken yet, by connection. Flow control holds back what a caller does not read, and it
 * would all lie here: a caller of many large answers who reads none would otherwise decide how much memory the process needs.
 */
export class UnreadAnswers {
  readonly #bytes = new WeakMap<Http2Session, number>();

  /** @param maxBytes of one connection; a single answer may be larger */
  constructor(private readonly maxBytes: number) {}

  /** Counts an answer until `give`; or says why it may not wait for its reader. */
  take(session: Http2Session, bytes: number): TributaryError | undefined {
    const before = this.#bytes.get(session) ?? 0;
    if (before > 0 && before + bytes > this.maxBytes) return refusal('ANSWERS_UNREAD', { expected: this.maxBytes });
    this.#bytes.set(session, before + bytes);
    return undefined;
  }

  give(session: Http2Session, bytes: number): void {
    this.#bytes.set(session, (this.#bytes.get(session) ?? 0) - bytes);
  }
}

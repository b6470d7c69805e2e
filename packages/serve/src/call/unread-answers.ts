import { refusal, type TributaryError } from '@tributary/contract';

/** Shorter answers are not counted: as many as a connection may have at once hold less than one large answer. */
export const minCountedBytes = 16 * 1024;

/**
 * Bytes of answers that callers have not taken yet, by connection or relay. Flow control holds back what a caller does not read, and it
 * would all lie here: a caller of many large answers who reads none would otherwise decide how much memory the process needs.
 */
export class UnreadAnswers {
  readonly #bytes = new WeakMap<object, number>();

  /** @param maxBytes of one connection or relay; a single answer may be larger */
  constructor(private readonly maxBytes: number) {}

  /** Counts an answer until `give`; or says why it may not wait for its reader. */
  take(reader: object, bytes: number): TributaryError | undefined {
    const before = this.#bytes.get(reader) ?? 0;
    if (before > 0 && before + bytes > this.maxBytes) return refusal('ANSWERS_UNREAD', { expected: this.maxBytes });
    this.#bytes.set(reader, before + bytes);
    return undefined;
  }

  give(reader: object, bytes: number): void {
    this.#bytes.set(reader, (this.#bytes.get(reader) ?? 0) - bytes);
  }
}

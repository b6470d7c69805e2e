import { refusal, type TributaryError } from '@tributary/contract';

/** Shorter answers are not counted: as many as a connection may have at once hold less than one large answer. */
export const minCountedBytes = 16 * 1024;

/**
 * Bytes of answers that callers have not taken yet, by connection or relay. Flow control holds back what a caller does not read, and it
 * would all lie here: a caller of many large answers who reads none would otherwise decide how much memory the process needs.
 *
 * A reader may leave as much as the bound divided by how many leave something, so that one who came first does not leave the others
 * nothing; all of them together twice the bound. The first answer of a reader is never refused: it is its own calls that a slow reader
 * fails.
 */
export class UnreadAnswers {
  private readonly bytes = new Map<object, number>();
  private total = 0;

  /** @param maxBytes of one reader alone; a single answer may be larger */
  constructor(private readonly maxBytes: number) {}

  /** Counts an answer until `give`; or says why it may not wait for its reader. */
  take(reader: object, bytes: number): TributaryError | undefined {
    const before = this.bytes.get(reader) ?? 0;
    if (before > 0) {
      const share = this.maxBytes / this.bytes.size;
      const isOver = before + bytes > share || this.total + bytes > 2 * this.maxBytes;
      if (isOver) return refusal('ANSWERS_UNREAD', { expected: Math.floor(share) });
    }
    this.bytes.set(reader, before + bytes);
    this.total += bytes;
    return undefined;
  }

  give(reader: object, bytes: number): void {
    const rest = (this.bytes.get(reader) ?? 0) - bytes;
    if (rest > 0) this.bytes.set(reader, rest);
    else this.bytes.delete(reader);
    this.total -= bytes;
  }
}

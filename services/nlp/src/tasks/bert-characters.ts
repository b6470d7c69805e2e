import {
  chineseCharacters,
  combiningClasses,
  decomposedCharacters,
  lowerCases,
  nonspacingCharacters,
  punctuationCharacters,
  removedCharacters,
  reorderedCharacters,
  spaceCharacters,
} from './bert-unicode';

/** What BERT's normaliser and pre-tokenizer do with a character; flags of {@link characterClasses}. */
export const CharacterClass = {
  /** Vanishes in cleaning. */
  Removed: 1,
  Space: 2,
  /** A word of its own. */
  Chinese: 4,
  /** A word of its own. */
  Punctuation: 8,
  /** Vanishes when accents are stripped. */
  Nonspacing: 16,
  /** Stays when accents are stripped, but canonical ordering may move it. */
  Reordered: 32,
  /** Changes by canonical decomposition. */
  Decomposed: 64,
  /** Has a lower case. */
  Upper: 128,
} as const;

const codePointCount = 0x110000;
const firstHangulSyllable = 0xac00;
const lastHangulSyllable = 0xd7a3;
const capitalIWithDot = 0x130;

let classes: Uint8Array | undefined;
const lower = new Map<number, string>();
const combining = new Map<number, number>();

/** Flags of every code point (1.1 MB, made on first use). */
export function characterClasses(): Uint8Array {
  classes ??= buildClasses();
  return classes;
}

/** Lower case of one code point whose class has the flag `Upper`. */
export function lowerCase(codePoint: number): string {
  return lower.get(codePoint) ?? String.fromCodePoint(codePoint);
}

/**
 * Marks in canonical order: between two of class 0 sorted by their combining class, equal ones as they were. Written out because
 * String.normalize takes quadratic time here. Valid after {@link characterClasses}.
 */
export function inCanonicalOrder<T extends { readonly codePoint: number }>(marks: readonly T[]): T[] {
  const ordered: T[] = [];
  let open: { mark: T; order: number }[] = [];
  const close = (): void => {
    for (const { mark } of open.sort((a, b) => a.order - b.order)) ordered.push(mark);
    open = [];
  };
  for (const mark of marks) {
    const order = combining.get(mark.codePoint) ?? 0;
    if (order > 0) {
      open.push({ mark, order });
    } else {
      close();
      ordered.push(mark);
    }
  }
  close();
  return ordered;
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(codePointCount);
  mark(table, removedCharacters, CharacterClass.Removed);
  mark(table, spaceCharacters, CharacterClass.Space);
  mark(table, chineseCharacters, CharacterClass.Chinese);
  mark(table, punctuationCharacters, CharacterClass.Punctuation);
  mark(table, nonspacingCharacters, CharacterClass.Nonspacing);
  mark(table, reorderedCharacters, CharacterClass.Reordered);
  mark(table, decomposedCharacters, CharacterClass.Decomposed);
  for (let c = firstHangulSyllable; c <= lastHangulSyllable; c++) table[c]! |= CharacterClass.Decomposed;
  for (const [, first, last, step, difference] of lowerCases.matchAll(/(\w+)-(\w+)\/(\d)([+-]\d+)/g)) {
    for (let c = parseInt(first!, 16); c <= parseInt(last!, 16); c += Number(step)) {
      table[c]! |= CharacterClass.Upper;
      lower.set(c, String.fromCodePoint(c + Number(difference)));
    }
  }
  table[capitalIWithDot]! |= CharacterClass.Upper;
  lower.set(capitalIWithDot, 'i\u0307');
  for (const [, order, ranges] of combiningClasses.matchAll(/(\d+):(\S+)/g)) {
    for (const c of codePoints(ranges!)) combining.set(c, Number(order));
  }
  return table;
}

function mark(table: Uint8Array, ranges: string, flag: number): void {
  for (const c of codePoints(ranges)) table[c]! |= flag;
}

function* codePoints(ranges: string): Generator<number> {
  for (const [, first, last] of ranges.matchAll(/(\w+)(?:-(\w+))?/g)) {
    const end = parseInt(last ?? first!, 16);
    for (let c = parseInt(first!, 16); c <= end; c++) yield c;
  }
}

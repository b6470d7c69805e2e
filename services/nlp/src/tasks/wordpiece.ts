import { CharacterClass, characterClasses, inCanonicalOrder, lowerCase } from './bert-characters';
import { readDefinition, type WordPieceDefinition } from './tokenizer-definition';

/** One text as tokens. The three arrays are of one length; special tokens such as [CLS] are part of it. */
export interface Encoding {
  readonly ids: Int32Array;
  /** Where each token starts in the text, in Unicode code points; 0 for special tokens that were put around the text. */
  readonly starts: Int32Array;
  /** Where each token ends (exclusive), in Unicode code points; 0 for special tokens that were put around the text. */
  readonly ends: Int32Array;
  /** True where the text went on after the last token that fitted. */
  readonly truncated: boolean;
  /** Names of the tokens, made when asked for. */
  tokens(): string[];
}

/** Cuts texts into the tokens of one model. */
export interface WordPieceTokenizer {
  /** Number of special tokens around every text. */
  readonly specialTokens: number;
  /**
   * Tokens of `text`, in time linear in its length; no more of it is read than fills `maxTokens`.
   *
   * @param maxTokens upper limit, special tokens included; without it the whole text is encoded.
   * @throws RangeError when `maxTokens` leaves no room for the special tokens.
   */
  encode(text: string, maxTokens?: number): Encoding;
}

/**
 * A tokenizer that gives the ids, tokens and offsets of PyPI `tokenizers` for a BERT-style tokenizer.json.
 *
 * @param tokenizerJson the parsed file. Its truncation and padding are not applied.
 * @param fileName name of the file, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID when the file holds a part that is not implemented here.
 */
export function createWordPieceTokenizer(tokenizerJson: unknown, fileName = 'tokenizer.json'): WordPieceTokenizer {
  const pieces = new Pieces(readDefinition(tokenizerJson, fileName));
  const { prefix, suffix } = pieces.definition;
  return {
    specialTokens: prefix.length + suffix.length,
    encode: (text, maxTokens = Infinity) => encode(pieces, text, maxTokens),
  };
}

/** The definition in the form that encoding looks things up in. */
class Pieces {
  readonly unknownId: number;
  /** Pieces that may start a word, and those that go on with one, without their prefix. */
  readonly heads = new Map<string, number>();
  readonly tails = new Map<string, number>();
  readonly longest: number;
  readonly names = new Map<number, string>();
  /** Finds added tokens in a text, the longest first; undefined when there are none. */
  readonly added: RegExp | undefined;
  readonly classes = characterClasses();
  /** Classes that count under the definition's flags. */
  readonly active: number;

  constructor(readonly definition: WordPieceDefinition) {
    const { vocabulary, continuationPrefix, addedTokens } = definition;
    let longest = 1;
    for (const [token, id] of vocabulary) {
      this.names.set(id, token);
      this.heads.set(token, id);
      if (token.startsWith(continuationPrefix)) this.tails.set(token.slice(continuationPrefix.length), id);
      longest = Math.max(longest, token.length);
    }
    for (const [token, id] of addedTokens) this.names.set(id, token);
    this.longest = longest;
    this.unknownId = vocabulary.get(definition.unknownToken)!;
    const contents = [...addedTokens.keys()].sort((a, b) => b.length - a.length);
    const escaped = contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.added = contents.length > 0 ? new RegExp(escaped.join('|'), 'g') : undefined;
    this.active =
      CharacterClass.Space |
      CharacterClass.Punctuation |
      (definition.cleanText ? CharacterClass.Removed : 0) |
      (definition.isolateChinese ? CharacterClass.Chinese : 0) |
      (definition.stripAccents ? CharacterClass.Nonspacing | CharacterClass.Reordered | CharacterClass.Decomposed : 0) |
      (definition.lowercase ? CharacterClass.Upper : 0);
  }
}

function encode(pieces: Pieces, text: string, maxTokens: number): Encoding {
  const { prefix, suffix, addedTokens } = pieces.definition;
  const room = maxTokens - prefix.length - suffix.length;
  if (!(room >= 0)) throw new RangeError(`maxTokens must be at least ${prefix.length + suffix.length}`);

  const run = new Run(pieces, text, room);
  let from = 0;
  if (pieces.added !== undefined) {
    for (const match of text.matchAll(pieces.added)) {
      run.segment(from, match.index);
      run.addedToken(addedTokens.get(match[0])!, match[0]);
      from = match.index + match[0].length;
      if (run.full) break;
    }
  }
  run.segment(from, text.length);

  const truncated = run.ids.length > room;
  const count = truncated ? room : run.ids.length;
  const framed = (before: readonly number[], values: readonly number[], after: readonly number[]): Int32Array => {
    const array = new Int32Array(before.length + count + after.length);
    array.set(before);
    for (let i = 0; i < count; i++) array[before.length + i] = values[i]!;
    array.set(after, before.length + count);
    return array;
  };
  const [nothingBefore, nothingAfter] = [prefix.map(() => 0), suffix.map(() => 0)];
  const ids = framed(prefix, run.ids, suffix);
  return {
    ids,
    starts: framed(nothingBefore, run.starts, nothingAfter),
    ends: framed(nothingBefore, run.ends, nothingAfter),
    truncated,
    tokens: () => Array.from(ids, (id) => pieces.names.get(id)!),
  };
}

const mark = CharacterClass.Nonspacing | CharacterClass.Reordered;

/** A character of the text that is no combining mark, and where it stands. */
interface Base {
  readonly codePoint: number;
  readonly place: number;
}

/** A combining mark of the text, and where it stands. */
type Mark = Base;

/**
 * One pass over one text: characters are normalised as they come and gathered into words, words are cut into pieces.
 *
 * Every normalised character keeps the place of the character it came from, as the reference does: what a character expands to shares its
 * place, what is removed leaves no trace.
 */
class Run {
  readonly ids: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Code points read so far. */
  private position = 0;
  /** The word being gathered, at most maxWordLength code points of it; places are kept per UTF-16 unit. */
  private word = '';
  private readonly places: number[] = [];
  private wordLength = 0;
  private wordStart = 0;
  private wordEnd = 0;

  constructor(
    private readonly pieces: Pieces,
    private readonly text: string,
    private readonly room: number,
  ) {}

  /** More tokens than fit: the rest of the text cannot matter. */
  get full(): boolean {
    return this.ids.length > this.room;
  }

  addedToken(id: number, content: string): void {
    const start = this.position;
    this.position += Array.from(content).length;
    this.push(id, start, this.position);
  }

  /** Encode text[from, to), which holds no added token. */
  segment(from: number, to: number): void {
    const { text } = this;
    const { classes, active } = this.pieces;
    let base: Base | undefined;
    for (let i = from; i < to && !this.full;) {
      const codePoint = text.codePointAt(i)!;
      const width = codePoint > 0xffff ? 2 : 1;
      const flags = classes[codePoint]! & active;
      if (flags & (CharacterClass.Removed | mark)) {
        if (flags & CharacterClass.Removed) {
          this.position++;
          i += width;
        } else {
          i = this.marks(i, to, base, false);
        }
        continue;
      }
      if (flags === 0) this.append(width === 1 ? text[i]! : text.slice(i, i + 2), this.position);
      const markStays = flags !== 0 && this.changed(codePoint, flags);
      base = { codePoint, place: this.position };
      this.position++;
      i += width;
      if (markStays) i = this.marks(i, to, base, true);
    }
    this.endWord();
  }

  /** A space, or a character that is decomposed, put in lower case or a word of its own. True where a mark of its decomposition stays. */
  private changed(codePoint: number, flags: number): boolean {
    if (flags & CharacterClass.Space) {
      this.endWord();
      return false;
    }
    const alone = (flags & CharacterClass.Chinese) !== 0;
    if (alone) this.endWord();
    const character = String.fromCodePoint(codePoint);
    let markStays = false;
    for (const part of flags & CharacterClass.Decomposed ? character.normalize('NFD') : character) {
      if (this.part(part)) markStays = true;
    }
    if (alone) this.endWord();
    return markStays;
  }

  /** One character after decomposition. True for a mark that stays: its turn comes with the marks of the text that follow. */
  private part(character: string): boolean {
    const { classes, active } = this.pieces;
    const codePoint = character.codePointAt(0)!;
    const flags = classes[codePoint]! & active;
    if (flags & mark) return (flags & CharacterClass.Reordered) !== 0;
    if (flags & CharacterClass.Upper) {
      for (const lower of lowerCase(codePoint)) this.append(lower, this.position);
    } else if (flags & CharacterClass.Punctuation) {
      this.endWord();
      this.append(character, this.position);
      this.endWord();
    } else {
      this.append(character, this.position);
    }
    return false;
  }

  /** A run of combining marks from text[i] on; returns where it ends. Most marks vanish; where one `stays`, the run is put in order first. */
  private marks(i: number, to: number, base: Base | undefined, stays: boolean): number {
    const { text } = this;
    const { classes, active } = this.pieces;
    const run: Mark[] = [];
    while (i < to) {
      const codePoint = text.codePointAt(i)!;
      const flags = classes[codePoint]! & active;
      if (!(flags & (CharacterClass.Removed | mark))) break;
      if (!(flags & CharacterClass.Removed)) {
        stays ||= (flags & CharacterClass.Reordered) !== 0;
        run.push({ codePoint, place: this.position });
      }
      this.position++;
      i += codePoint > 0xffff ? 2 : 1;
    }
    if (stays) this.reorderedMarks(base, run);
    return i;
  }

  /**
   * Appends the marks of a run that stay, in canonical order. Marks of the base's own decomposition take part in the ordering. In that order
   * every mark read from the text takes the place of the next mark read from the text, and every other one the place before it.
   */
  private reorderedMarks(base: Base | undefined, run: readonly Mark[]): void {
    const { classes, active } = this.pieces;
    const marks: { codePoint: number; read: boolean }[] = [];
    const add = (codePoint: number, ofBase: boolean): void => {
      const parts = Array.from(String.fromCodePoint(codePoint).normalize('NFD'), (part) => part.codePointAt(0)!);
      for (let i = ofBase ? 1 : 0; i < parts.length; i++) marks.push({ codePoint: parts[i]!, read: i === 0 });
    };
    if (base !== undefined && classes[base.codePoint]! & active & CharacterClass.Decomposed) add(base.codePoint, true);
    for (const { codePoint } of run) add(codePoint, false);

    let place = base?.place ?? 0;
    let next = 0;
    for (const { codePoint, read } of inCanonicalOrder(marks)) {
      if (read) place = run[next++]!.place;
      if (!(classes[codePoint]! & CharacterClass.Nonspacing)) this.append(String.fromCodePoint(codePoint), place);
    }
  }

  /** Adds one normalised character, which is not a space, to the word. */
  private append(character: string, place: number): void {
    if (this.wordLength === 0) this.wordStart = place;
    this.wordEnd = place + 1;
    this.wordLength++;
    if (this.wordLength > this.pieces.definition.maxWordLength) return;
    for (let unit = 0; unit < character.length; unit++) this.places[this.word.length + unit] = place;
    this.word += character;
  }

  /** Cuts the gathered word into the longest pieces from the left; a word that cannot be cut whole is one unknown token. */
  private endWord(): void {
    if (this.wordLength === 0) return;
    const { pieces, word, places } = this;
    const tooLong = this.wordLength > pieces.definition.maxWordLength;
    const whole = tooLong ? pieces.unknownId : pieces.heads.get(word);
    if (whole !== undefined) {
      this.push(whole, this.wordStart, this.wordEnd);
    } else {
      const before = this.ids.length;
      for (let start = 0; start < word.length;) {
        const table = start === 0 ? pieces.heads : pieces.tails;
        let end = Math.min(word.length, start + pieces.longest);
        let id: number | undefined;
        while (end > start && (id = table.get(word.slice(start, end))) === undefined) end--;
        if (id === undefined) {
          this.ids.length = this.starts.length = this.ends.length = before;
          this.push(pieces.unknownId, this.wordStart, this.wordEnd);
          break;
        }
        this.push(id, places[start]!, places[end - 1]! + 1);
        start = end;
      }
    }
    this.word = '';
    this.wordLength = 0;
  }

  private push(id: number, start: number, end: number): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(end);
  }
}

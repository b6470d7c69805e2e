import { maxFields } from './decode-message';
import { lengthOf } from './tensor';

/** The bytes of pieces in one place: themselves where there is one, else a copy that nothing else lies in. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  // Slow means unpooled, so that the bytes can be moved to another thread.
  const joined = Buffer.allocUnsafeSlow(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** A message without the long values of some of its fields. */
export interface LiftedMessage {
  /** The message with an empty value in place of each. */
  readonly rest: Uint8Array;
  /** The values as views of the pieces, by how many values of such fields come before. */
  readonly lifted: ReadonlyMap<number, readonly Uint8Array[]>;
}

/** A place between two bytes. */
interface Place {
  readonly piece: number;
  readonly offset: number;
}

/**
 * Takes long values out of a message that lies in pieces, so that what has to be in one place is short. Only fields of the
 * message itself are looked at.
 * @param isLifted says it of the tag of a field with a length: number << 3 | 2
 * @returns undefined where the message has something that only a decoder can judge: then join it
 */
export function liftValues(
  pieces: readonly Uint8Array[],
  isLifted: (tag: number) => boolean,
  minBytes: number,
): LiftedMessage | undefined {
  const cursor = new Cursor(pieces);
  const lifted = new Map<number, readonly Uint8Array[]>();
  const kept: Uint8Array[] = [];
  let keepFrom = cursor.place();
  let values = 0;
  for (let fields = 0; !cursor.atEnd; fields += 1) {
    if (fields > maxFields) return undefined;
    const found = cursor.varint();
    if (found === undefined) return undefined;
    if ((found & 7) !== 2 || !isLifted(found)) {
      if (!cursor.skipValue(found & 7)) return undefined;
      continue;
    }
    const start = cursor.place();
    const length = cursor.varint();
    if (length === undefined) return undefined;
    if (length >= minBytes) {
      kept.push(...cursor.between(keepFrom, start), emptyValue);
      const from = cursor.place();
      if (!cursor.skip(length)) return undefined;
      keepFrom = cursor.place();
      lifted.set(values, cursor.between(from, keepFrom));
    } else if (!cursor.skip(length)) return undefined;
    values += 1;
  }
  kept.push(...cursor.between(keepFrom, cursor.place()));
  return { rest: joinPieces(kept), lifted };
}

/** The length of a value without bytes. */
const emptyValue = Uint8Array.of(0);

/** Reads over the edges of pieces. Everything that fails leaves it somewhere. */
class Cursor {
  private piece = 0;
  private offset = 0;

  constructor(private readonly pieces: readonly Uint8Array[]) {
    this.normalise();
  }

  get atEnd(): boolean {
    return this.piece === this.pieces.length;
  }

  place(): Place {
    return { piece: this.piece, offset: this.offset };
  }

  /** A whole number of at most 32 bits; undefined for what is larger or cut off. */
  varint(): number | undefined {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      if (this.atEnd) return undefined;
      const byte = this.pieces[this.piece]![this.offset]!;
      this.offset += 1;
      this.normalise();
      value += (byte & 127) * factor;
      if (byte < 128) return value < 2 ** 32 ? value : undefined;
    }
    return undefined;
  }

  /** Steps over as many bytes, where there are. */
  skip(bytes: number): boolean {
    let left = bytes;
    while (left > 0) {
      if (this.atEnd) return false;
      const step = Math.min(left, this.pieces[this.piece]!.length - this.offset);
      this.offset += step;
      left -= step;
      this.normalise();
    }
    return true;
  }

  /** Steps over a value of a wire type, where it is one of those that messages use today. */
  skipValue(wireType: number): boolean {
    switch (wireType) {
      case 0:
        for (let bytes = 0; bytes < 10 && !this.atEnd; bytes += 1) {
          const isLast = this.pieces[this.piece]![this.offset]! < 128;
          if (!this.skip(1)) return false;
          if (isLast) return true;
        }
        return false;
      case 1:
        return this.skip(8);
      case 2: {
        const length = this.varint();
        return length !== undefined && this.skip(length);
      }
      case 5:
        return this.skip(4);
      default:
        return false;
    }
  }

  /** Views of what lies between two places. */
  between(from: Place, to: Place): Uint8Array[] {
    const views: Uint8Array[] = [];
    for (let piece = from.piece; piece <= to.piece && piece < this.pieces.length; piece += 1) {
      const bytes = this.pieces[piece]!;
      const start = piece === from.piece ? from.offset : 0;
      const end = piece === to.piece ? to.offset : bytes.length;
      if (end > start) views.push(bytes.subarray(start, end));
    }
    return views;
  }

  /** Stands at a byte or at the end, never behind the last byte of a piece. */
  private normalise(): void {
    while (this.piece < this.pieces.length && this.offset === this.pieces[this.piece]!.length) {
      this.piece += 1;
      this.offset = 0;
    }
  }
}

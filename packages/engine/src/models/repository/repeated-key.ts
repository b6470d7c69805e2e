/** A key that an object has twice, and where the second one stands. */
export interface RepeatedKey {
  readonly key: string;
  readonly position: number;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/**
 * The first key that stands twice in one object of a JSON text; JSON.parse keeps the last value and says nothing of the others.
 * @param text valid JSON: the scan trusts its syntax
 */
export function repeatedKey(text: string): RepeatedKey | undefined {
  // The keys of each open object; undefined for an open list.
  const open: (Set<string> | undefined)[] = [];
  let keyComes = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case openBrace:
        open.push(new Set());
        keyComes = true;
        break;
      case openBracket:
        open.push(undefined);
        keyComes = false;
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        keyComes = false;
        break;
      case comma:
        keyComes = open.at(-1) !== undefined;
        break;
      case quote: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (keyComes && keys !== undefined) {
          const key = readString(text, at, end);
          if (keys.has(key)) return { key, position: at };
          keys.add(key);
          keyComes = false;
        }
        at = end;
        break;
      }
    }
  }
  return undefined;
}

/** Position of the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit === backslash) at++;
    else if (unit === quote) return at;
  }
}

/** The value of a string; only one with escapes has to be parsed. */
function readString(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : raw;
}

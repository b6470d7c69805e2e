/**
 * Compares an answer with what was expected of it and returns every difference as a sentence; none: they agree.
 * Every field named in `expected` must be there; a list may go on after the elements named. Numbers may differ by `tolerance`,
 * texts and truth values not at all. 64-bit numbers are compared as texts, the way proto JSON writes them.
 */
export function differences(expected: unknown, got: unknown, tolerance: number, path = ''): string[] {
  if (Array.isArray(expected)) {
    const list = isList(got) ? got : [];
    return expected.flatMap((element, i) => differences(element, list[i], tolerance, `${path}[${i}]`));
  }
  if (expected !== null && typeof expected === 'object') {
    const fields = (got ?? {}) as Record<string, unknown>;
    return Object.entries(expected).flatMap(([name, value]) =>
      differences(value, fields[name] ?? fields[toCamelCase(name)], tolerance, path === '' ? name : `${path}.${name}`),
    );
  }
  const right =
    typeof expected === 'number' && typeof got === 'number'
      ? Math.abs(expected - got) <= tolerance
      : text(expected) === text(got);
  return right ? [] : [`${path}: expected ${text(expected)}, got ${got === undefined ? 'nothing' : text(got)}`];
}

/** Ids are Longs in memory, whose text is their value. */
function text(value: unknown): string {
  return String(value);
}

/** `item_id` -> `itemId`: files are written as proto JSON with the names of the .proto, messages in memory are not. */
export function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

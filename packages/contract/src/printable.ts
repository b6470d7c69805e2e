/** Longest value that is echoed to a caller or a log, in UTF-16 units. */
const maxShownLength = 64;

/** Most entries of a list that are echoed. */
const maxShownEntries = 16;

/** Most numbers of a list that are echoed. */
const maxShownNumbers = 128;

// Controls, line ends, invisible and direction-changing characters, halves of surrogate pairs, private and unassigned ones.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A caller's value as it may stand in a message: unprintable characters become "?", and what exceeds 64 characters becomes
 * "...". The result is well formed: a status message with half a surrogate pair would break the sending of the status.
 */
export function printable(value: string): string {
  if (value.length <= maxShownLength) return value.replace(unprintable, '?');
  return `${cut(value, maxShownLength).replace(unprintable, '?')}...`;
}

/** A whole sentence of ours with callers' values in it: like printable, but up to 1,024 characters. */
export function printableMessage(message: string): string {
  return cut(message, 1024).replace(unprintable, '?');
}

/** The first `length` UTF-16 units, or one fewer where that would cut a surrogate pair. */
function cut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const endsInsidePair = text.length > length && last >= 0xd800 && last < 0xdc00;
  return text.slice(0, endsInsidePair ? length - 1 : length);
}

/** A shape as `[1,3]`; of a long one only the first 16 dimensions. */
export function printableShape(shape: readonly number[]): string {
  const shown = shape.slice(0, maxShownEntries).join(',');
  return shape.length > maxShownEntries ? `[${shown},...]` : `[${shown}]`;
}

/** Whole numbers as `1, 2 and 3`; of a list that would fill the message only the first 128, and how many there are besides. */
export function printableList(numbers: readonly number[]): string {
  const shown = Array.from(numbers, Number).slice(0, maxShownNumbers);
  const hidden = numbers.length - shown.length;
  const last = hidden > 0 ? `${hidden} more` : String(shown.pop());
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

/** Names as `['a','b']`; of a long list only the first 16. */
export function printableNames(names: readonly string[]): string {
  const shown = names
    .slice(0, maxShownEntries)
    .map((name) => `'${printable(name)}'`)
    .join(',');
  return names.length > maxShownEntries ? `[${shown},...]` : `[${shown}]`;
}

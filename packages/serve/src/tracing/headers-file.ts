/** Name and value of a header of HTTP. */
const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([\t -~]*)$/;

/**
 * Reads headers, one `name: value` a line; empty lines and those that begin with # say nothing.
 * @throws Error naming the line, without its text: it may be a secret
 */
export function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = line.exec(trimmed);
    if (match === null) throw new Error(`line ${index + 1} is no 'name: value'`);
    headers[match[1]!] = match[2]!;
  }
  return headers;
}

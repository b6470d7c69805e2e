/**
 * The little of HPACK (RFC 7541) that a caller of unary gRPC needs: request headers that never change, and `grpc-status` out
 * of the answer's headers. It announces a dynamic table of size 0, so that every header block stands for itself.
 */

/** The value of SETTINGS_HEADER_TABLE_SIZE that the reader below relies on. */
export const headerTableSize = 0;

/** Index of names in the static table (RFC 7541, appendix A). */
const staticName = { ':authority': 1, ':path': 4, 'content-type': 31 } as const;
/** Entries of the static table that are name and value in one. */
const postOverHttp = [0x80 | 3, 0x80 | 6];

/** What a caller says beside its request, by keys in lower case. Values are ASCII. */
export type Metadata = Readonly<Record<string, string>>;

/** Header block of a gRPC request. Values are ASCII. */
export function encodeRequestHeaders(
  authority: string,
  path: string,
  timeoutMs?: number,
  metadata: Metadata = {},
): Buffer {
  return Buffer.from([
    ...postOverHttp,
    ...literal(staticName[':path'], path),
    ...literal(staticName[':authority'], authority),
    ...literal(staticName['content-type'], 'application/grpc'),
    ...literal('te', 'trailers'),
    ...(timeoutMs === undefined ? [] : literal('grpc-timeout', `${Math.ceil(timeoutMs)}m`)),
    ...Object.entries(metadata).flatMap(([key, value]) => literal(key, value)),
  ]);
}

/** A literal without indexing; its name by static index or in letters. */
function literal(name: number | string, value: string): number[] {
  const start = typeof name === 'number' ? integer(name, 4) : [0, ...string(name)];
  return [...start, ...string(value)];
}

function string(text: string): number[] {
  return [...integer(text.length, 7), ...Buffer.from(text, 'latin1')];
}

/** An integer in a prefix of so many bits (RFC 7541, section 5.1), the bits before them 0. */
function integer(value: number, prefixBits: number): number[] {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return [value];
  const bytes = [limit];
  for (value -= limit; value >= 128; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

const statusName = Buffer.from('grpc-status');
/** The same name in the Huffman code of appendix B, which is how nghttp2 sends it. */
const statusNameHuffman = Buffer.from('9acac8b21234da8f', 'hex');

/** The gRPC status in a header block; undefined where it has none. Throws where the block breaks the rules above. */
export function readGrpcStatus(block: Buffer): number | undefined {
  const reader = new BlockReader(block);
  let status: number | undefined;
  while (!reader.atEnd) {
    const first = reader.peek();
    if (first & 0x80) {
      reader.index(7);
    } else if ((first & 0xe0) === 0x20) {
      // A change of the table's size, to 0: nothing to do.
      reader.integer(5);
    } else {
      const isStatus = reader.nameIsStatus(reader.index(first & 0x40 ? 6 : 4));
      const value = reader.string();
      if (isStatus) status = value.huffman ? huffmanDigits(value.bytes) : Number(value.bytes.toString('latin1'));
    }
  }
  return status;
}

/** Entries of the static table; a higher index means a dynamic table, which was forbidden. */
const staticEntries = 61;

interface StringLiteral {
  readonly bytes: Buffer;
  readonly huffman: boolean;
}

class BlockReader {
  private readonly block: Buffer;
  private offset = 0;

  constructor(block: Buffer) {
    this.block = block;
  }

  get atEnd(): boolean {
    return this.offset >= this.block.length;
  }

  peek(): number {
    return this.block[this.offset]!;
  }

  integer(prefixBits: number): number {
    const limit = 2 ** prefixBits - 1;
    let value = this.byte() & limit;
    if (value < limit) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  index(prefixBits: number): number {
    const index = this.integer(prefixBits);
    if (index > staticEntries) throw new Error('the server used a header table that was not offered');
    return index;
  }

  /** Reads the name that follows where the index is 0; `grpc-status` is not in the static table. */
  nameIsStatus(index: number): boolean {
    if (index !== 0) return false;
    const name = this.string();
    return name.bytes.equals(name.huffman ? statusNameHuffman : statusName);
  }

  string(): StringLiteral {
    const huffman = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    const bytes = this.block.subarray(this.offset, this.offset + length);
    if (bytes.length < length) throw new Error('a header block was cut short');
    this.offset += length;
    return { bytes, huffman };
  }

  private byte(): number {
    if (this.atEnd) throw new Error('a header block was cut short');
    return this.block[this.offset++]!;
  }
}

/** Digits in the Huffman code: 0, 1 and 2 are five bits long, the others six, from 011001 on; padding is ones. */
function huffmanDigits(bytes: Buffer): number {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits: string[] = [];
  for (let rest = bits; rest.length >= 5 && !/^1+$/.test(rest);) {
    const long = rest.startsWith('011');
    const code = Number.parseInt(rest.slice(0, long ? 6 : 5), 2);
    const digit = long ? code - 0b011001 + 3 : code;
    if (digit < 0 || digit > 9) return Number.NaN;
    digits.push(String(digit));
    rest = rest.slice(long ? 6 : 5);
  }
  return digits.length === 0 ? Number.NaN : Number(digits.join(''));
}

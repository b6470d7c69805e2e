import { describe, expect, it } from '@jest/globals';
import { encodeRequestHeaders, readGrpcStatus } from './hpack';

const plain = (text: string): number[] => [text.length, ...Buffer.from(text)];
const huffmanName = [0x88, ...Buffer.from('9acac8b21234da8f', 'hex')];

describe('encodeRequestHeaders', () => {
  it('writes literals that no table remembers', () => {
    const block = encodeRequestHeaders('a:1', '/p', 1500.2);
    const expected = [
      ...[0x83, 0x86],
      ...[0x04, ...plain('/p')],
      ...[0x01, ...plain('a:1')],
      ...[0x0f, 0x10, ...plain('application/grpc')],
      ...[0x00, ...plain('te'), ...plain('trailers')],
      ...[0x00, ...plain('grpc-timeout'), ...plain('1501m')],
    ];
    expect([...block]).toEqual(expected);
  });

  it('writes metadata behind what is of gRPC', () => {
    const block = encodeRequestHeaders('a', '/p', undefined, { 'x-a': '1', 'x-b': '2' });
    const expected = [...[0x00, ...plain('x-a'), ...plain('1')], ...[0x00, ...plain('x-b'), ...plain('2')]];
    expect([...block.subarray(-expected.length)]).toEqual(expected);
    expect(block.subarray(0, -expected.length)).toEqual(encodeRequestHeaders('a', '/p'));
  });

  it('writes lengths of 127 and more in several bytes', () => {
    const path = `/${'x'.repeat(299)}`;
    const block = encodeRequestHeaders('a', path);
    // 300 - 127 = 173 = 45 + 1 * 128
    expect([...block.subarray(2, 6)]).toEqual([0x04, 0x7f, 0x80 | 45, 1]);
    expect(block.subarray(6, 306).toString()).toBe(path);
  });
});

describe('readGrpcStatus', () => {
  it.each([
    ['in letters', [0x00, ...plain('grpc-status'), ...plain('0')], 0],
    ['with a name in Huffman code', [0x40, ...huffmanName, ...plain('14')], 14],
    ['with a value in Huffman code', [0x10, ...huffmanName, 0x81, 0b00000111], 0],
    ['with a value of two digits in Huffman code', [0x00, ...huffmanName, 0x82, 0b00001011, 0b01011111], 14],
    ['behind a size update and other headers', [0x20, 0x88, 0x0f, 0x10, 1, 65, 0x00, ...huffmanName, ...plain('8')], 8],
  ])('finds the status %s', (_, block, status) => {
    expect(readGrpcStatus(Buffer.from(block))).toBe(status);
  });

  it('finds none where there is none', () => {
    expect(readGrpcStatus(Buffer.from([0x88, 0x00, ...plain('server-timing'), ...plain('x;dur=1')]))).toBeUndefined();
    expect(readGrpcStatus(Buffer.alloc(0))).toBeUndefined();
  });

  it('throws on a dynamic table, and on a block cut short at any byte', () => {
    expect(() => readGrpcStatus(Buffer.from([0x80 | 62]))).toThrow(/header table/);
    const block = Buffer.from([0x00, ...huffmanName, ...plain('14')]);
    for (let end = 1; end < block.length; end++) {
      expect(() => readGrpcStatus(block.subarray(0, end))).toThrow();
    }
  });
});

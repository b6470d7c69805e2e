import { describe, expect, it } from '@jest/globals';
import { Reader, Writer } from 'protobufjs/minimal';
import { tributary } from '../gen/messages';
import { decodeMessage, type MessageType } from './decode-message';
import { TributaryError } from './tributary-error';

const { EmbedRequest } = tributary.nlp.v1;

function reasonOf<Message>(type: MessageType<Message>, bytes: Uint8Array, maxBytes?: number): string {
  try {
    decodeMessage(type, bytes, maxBytes);
  } catch (error) {
    if (error instanceof TributaryError) return error.reason;
    throw error;
  }
  return 'none';
}

/** `depth` groups inside each other, of an unknown field. */
const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x7b), Buffer.alloc(depth, 0x7c)]);

describe('decodeMessage', () => {
  it('case 12: skips unknown fields and known fields of a wrong wire type', () => {
    const bytes = Writer.create();
    bytes.uint32(0x08).uint32(1); // model_name as a varint
    bytes.uint32(0x1d).fixed32(1); // texts as four bytes
    bytes.uint32(0x7a).string('unknown');
    bytes.uint32(0x1a).string('kept');
    const request = decodeMessage(EmbedRequest, bytes.finish());
    expect(request.modelName).toBe('');
    expect(request.texts).toEqual(['kept']);
  });

  it.each([
    ['a cut string', Buffer.from([0x0a, 5, 0x61])],
    ['a cut tag', Buffer.from([0x80])],
    ['a cut varint', Buffer.from([0x78, 0xff])],
    ['text that is not UTF-8', Buffer.from([0x0a, 2, 0xc3, 0x28])],
    ['half a surrogate pair', Buffer.from([0x0a, 3, 0xed, 0xa0, 0xbd])],
    ['overlong UTF-8', Buffer.from([0x0a, 2, 0xc0, 0x80])],
    ['field number 0', Buffer.from([0x02, 0])],
    ['wire type 7', Buffer.from([0x0f, 0])],
    ['an end without a group', Buffer.from([0x7c])],
    ['nesting of 5,000', nested(5000)],
    ['a length of 2^32 - 1', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ['prose', Buffer.from('hello, world')],
  ])('case 12: refuses %s', (_what, bytes) => {
    expect(reasonOf(EmbedRequest, bytes)).toBe('MESSAGE_MALFORMED');
  });

  it('allows as much nesting as protobuf does', () => {
    expect(Reader.recursionLimit).toBe(100);
    expect(reasonOf(EmbedRequest, nested(100))).toBe('none');
    expect(reasonOf(EmbedRequest, nested(102))).toBe('MESSAGE_MALFORMED');
  });

  it('says which message is malformed and keeps the cause to itself', () => {
    expect(() => decodeMessage(EmbedRequest, Buffer.from([0x0a, 5]))).toThrow(
      'the request is not a valid EmbedRequest message',
    );
  });

  it('refuses millions of empty texts before making any', () => {
    expect(reasonOf(EmbedRequest, Buffer.alloc(4_000_000, Buffer.from([0x1a, 0])))).toBe('LIST_TOO_LONG');
  });

  it('refuses more bytes than it is allowed to look at', () => {
    expect(reasonOf(EmbedRequest, Buffer.alloc(11), 10)).toBe('MESSAGE_TOO_LARGE');
  });
});

import { Reader } from 'protobufjs/minimal';
import { refusal } from './refusal';
import { TributaryError } from './tributary-error';

/** A generated message class. */
export interface MessageType<Message> {
  readonly name: string;
  decode(bytes: Uint8Array): Message;
}

/**
 * Most fields that a message may have at its top level. Real messages have far fewer; without a limit, millions of empty ones
 * would hold the thread.
 */
export const maxFields = 65_536;

/**
 * Decodes a request with a generated class. `maxBytes` bounds the cost of lists of numbers, which grow thirtyfold when decoded.
 * `bytes` fields are views that keep the whole request in memory; copy what outlives the call.
 * @throws TributaryError MESSAGE_MALFORMED, MESSAGE_TOO_LARGE or LIST_TOO_LONG, nothing else
 */
export function decodeMessage<Message>(
  type: MessageType<Message>,
  bytes: Uint8Array,
  maxBytes = Number.POSITIVE_INFINITY,
): Message {
  if (bytes.length > maxBytes) throw refusal('MESSAGE_TOO_LARGE', { expected: maxBytes, got: bytes.length });
  return orMalformed(type.name, () => {
    if (bytes.length > maxFields) assertFieldCount(bytes);
    return type.decode(bytes);
  });
}

/** Does a piece of decoding; whatever it throws beside TributaryErrors says that `type` is malformed. */
export function orMalformed<Result>(type: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof TributaryError) throw cause;
    throw refusal('MESSAGE_MALFORMED', { type }, {}, { cause });
  }
}

/** Counts one more field of a message. @throws TributaryError LIST_TOO_LONG */
export function assertMoreFields(count: number): void {
  if (count > maxFields) throw refusal('LIST_TOO_LONG', { field: 'message', expected: maxFields, got: count });
}

function assertFieldCount(bytes: Uint8Array): void {
  const reader = Reader.create(bytes);
  for (let count = 1; reader.pos < reader.len; count += 1) {
    assertMoreFields(count);
    const tag = reader.tag();
    reader.skipType(tag & 7, 0, tag >>> 3);
  }
}

import { Metadata } from '@grpc/grpc-js';
import { statusDetailsKey } from '@tributary/contract';
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { CallMetadata } from '../method';

/** Trailer with the server's wish when to try again, in milliseconds. */
export const pushbackKey = 'grpc-retry-pushback-ms';

/** What arrives among the headers and is no metadata of the caller's. */
const transportNames = [
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'accept-encoding',
  'te',
  'content-type',
];

/** Every value of every key of request metadata. */
export function viewOf(headers: IncomingHttpHeaders): CallMetadata {
  const metadata = Metadata.fromHttp2Headers(headers);
  for (const name of transportNames) metadata.remove(name);
  return new Map(Object.keys(metadata.getMap()).map((key) => [key, metadata.get(key)]));
}

/** Names that belong to HTTP: Node throws on some of them, and on others when they come twice. */
const httpNames: ReadonlySet<unknown> = new Set(
  Object.entries(constants).flatMap(([name, value]) => (name.startsWith('HTTP2_HEADER_') ? [value] : [])),
);

/** The names of gRPC's own that a handler may set. */
const settableGrpcNames: ReadonlySet<string> = new Set([statusDetailsKey, pushbackKey]);

const legalName = /^[0-9a-z_.-]+$/;
const legalText = /^[ -~]*$/;

/** The last name that was found to be one that a handler may set. */
let lastSettable = '';

/** Metadata on its way out, as HTTP/2 carries it: binary values are base64 already. */
export class OutgoingMetadata {
  readonly #values = new Map<string, string | string[]>();

  /** One value for a name that is known to be legal, in place of those it has. */
  set(name: string, value: string | Buffer): void {
    this.#values.set(name, asText(value));
  }

  /**
   * Adds a value. Names that belong to HTTP or gRPC, and values that metadata cannot carry, are left out: what is relayed from
   * elsewhere must neither fail the call nor, thrown out of an event, end the process.
   */
  add(key: string, value: string | Buffer): void {
    // A handler sets the same few names all the time.
    const name = key === lastSettable ? key : key.toLowerCase();
    if (name !== lastSettable && (!isSettable(name) || !legalName.test(name))) return;
    lastSettable = name;
    if (!isLegalValue(name, value)) return;
    const text = asText(value);
    const others = this.#values.get(name);
    if (others === undefined) this.#values.set(name, text);
    else if (typeof others === 'string') this.#values.set(name, [others, text]);
    else others.push(text);
  }

  /** Takes over all of the other's names, in place of its own. */
  setAll(other: OutgoingMetadata): void {
    for (const [name, value] of other.#values) this.#values.set(name, value);
  }

  writeTo(headers: OutgoingHttpHeaders): void {
    for (const [name, value] of this.#values) headers[name] = value;
  }
}

function isSettable(name: string): boolean {
  if (httpNames.has(name) || name === '__proto__') return false;
  return !name.startsWith('grpc-') || settableGrpcNames.has(name);
}

function isLegalValue(name: string, value: string | Buffer): boolean {
  return name.endsWith('-bin') ? typeof value !== 'string' : typeof value === 'string' && legalText.test(value);
}

function asText(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('base64');
}

/** grpc-js copies messages with a method that only Buffers have. */
export function toBuffer(message: Uint8Array): Buffer {
  return Buffer.isBuffer(message) ? message : Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

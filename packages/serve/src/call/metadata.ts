import { Metadata } from '@grpc/grpc-js';
import { statusDetailsKey, type RelayedMetadata } from '@tributary/contract';
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { CallMetadata } from '../method';

/** Trailer with the server's wish when to try again, in milliseconds. */
export const pushbackKey = 'grpc-retry-pushback-ms';

/** What arrives among the headers and is no metadata of the caller's. */
const transportNames: readonly string[] = [
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'accept-encoding',
  'te',
  'content-type',
];

/** Metadata of a request as its door has them: the headers of its stream, or keys and values as they are. */
export type ReceivedMetadata = IncomingHttpHeaders | RelayedMetadata;

/** Every value of every key of request metadata. */
export function metadataOf(received: ReceivedMetadata): CallMetadata {
  return isRelayed(received) ? viewOfRelayed(received) : viewOf(received);
}

/** A value of request metadata, unchecked. */
export function offered(received: ReceivedMetadata, key: string): unknown {
  return isRelayed(received) ? received.get(key)?.[0] : received[key];
}

function isRelayed(received: ReceivedMetadata): received is RelayedMetadata {
  return received instanceof Map;
}

function viewOf(headers: IncomingHttpHeaders): CallMetadata {
  const metadata = Metadata.fromHttp2Headers(headers);
  for (const name of transportNames) metadata.remove(name);
  return new Map(Object.keys(metadata.getMap()).map((key) => [key, metadata.get(key)]));
}

/** Without what no stream of HTTP/2 could have brought. */
function viewOfRelayed(metadata: RelayedMetadata): CallMetadata {
  const view = new Map<string, readonly (string | Buffer)[]>();
  for (const [key, values] of metadata) {
    if (!legalName.test(key) || key === '__proto__' || transportNames.includes(key)) continue;
    const legal = values.filter((value) => isLegalValue(key, value));
    if (legal.length > 0) view.set(key, legal);
  }
  return view;
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

const noMetadata: RelayedMetadata = new Map();

/** Metadata on its way out. */
export class OutgoingMetadata {
  private readonly values = new Map<string, (string | Buffer)[]>();

  /** One value for a name that is known to be legal, in place of those it has. */
  set(name: string, value: string | Buffer): void {
    this.values.set(name, [value]);
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
    const others = this.values.get(name);
    if (others === undefined) this.values.set(name, [value]);
    else others.push(value);
  }

  /** Takes over all of the other's names, in place of its own. */
  setAll(other: OutgoingMetadata): void {
    for (const [name, values] of other.values) this.values.set(name, values);
  }

  /** As HTTP/2 carries it: binary values in base64. */
  writeTo(headers: OutgoingHttpHeaders): void {
    for (const [name, values] of this.values)
      headers[name] = values.length === 1 ? asText(values[0]!) : values.map(asText);
  }

  /** As the relay carries it; not to be changed. */
  static relayed(metadata: OutgoingMetadata | undefined): RelayedMetadata {
    return metadata === undefined ? noMetadata : metadata.values;
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

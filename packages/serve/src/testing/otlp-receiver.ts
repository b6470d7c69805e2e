import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = { readonly stringValue: string } | { readonly intValue: number } | { readonly doubleValue: number };

interface Attribute {
  readonly key: string;
  readonly value: Value;
}

/** As OTLP has it. */
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** A span as it arrived. */
export interface ReceivedSpan extends Omit<WireSpan, 'attributes'> {
  /** `service.name` of the process that made it. */
  readonly service: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A collector that takes OTLP over HTTP, as JSON. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, once it has started. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Headers of every request. */
  readonly headers: readonly IncomingHttpHeaders[];
  /** Resolves once the spans are as wanted. */
  until(wanted: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export function createOtlpReceiver(): OtlpReceiver {
  const spans: ReceivedSpan[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      headers.push(request.headers);
      if (request.url === '/v1/traces')
        spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString()) as WireRequest));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
      server.emit('spans');
    });
  });
  return {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    spans,
    headers,
    until: async (wanted) => {
      while (!wanted(spans)) await once(server, 'spans');
    },
    start: async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function spansOf({ resourceSpans }: WireRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map((span) => ({ ...span, service, attributes: valuesOf(span.attributes) }));
  });
}

function valuesOf(attributes: readonly Attribute[]): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as string | number]));
}

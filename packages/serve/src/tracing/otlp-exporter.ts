import { readFile } from 'node:fs/promises';
import { SpanKind, SpanStatusCode, TraceFlags, type HrTime } from '@opentelemetry/api';
import { ExportResultCode, type InstrumentationScope } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { randomUUID } from 'node:crypto';
import { version } from '../version';
import { parseHeaders } from './headers-file';
import type { Span } from './span';
import type { SpanExporter } from './span-queue';
import { wallOriginMs } from './wall-clock';

// Loaded only where traces are wanted: OpenTelemetry's libraries take 16 MB and 70 ms.

export interface OtlpExporterOptions {
  /** e.g. `http://collector:4318/v1/traces` */
  readonly url: string;
  /** File with headers for the collector, read again for every batch: a token may be renewed. */
  readonly headersFile: string | undefined;
  /** Kind of process, e.g. `nlp`. */
  readonly service: string;
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const scope: InstrumentationScope = { name: 'tributary', version };

/**
 * Sends spans by OTLP over HTTP, as JSON, which needs no protobuf library. OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and
 * _CERTIFICATE are obeyed, as are OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
 */
export function createOtlpExporter({ url, headersFile, service }: OtlpExporterOptions): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url,
    ...(headersFile !== undefined && { headers: async () => parseHeaders(await readFile(headersFile, 'utf8')) }),
  });
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'tributary',
    'service.version': version,
    'service.instance.id': randomUUID(),
  }).merge(detectResources({ detectors: [envDetector] }));
  return {
    send: (spans) =>
      new Promise((resolve, reject) => {
        const originMs = wallOriginMs();
        exporter.export(
          spans.map((span) => toReadable(span, resource, originMs)),
          ({ code, error }) => {
            if (code === ExportResultCode.SUCCESS) resolve();
            else reject(error ?? new Error('the export failed'));
          },
        );
      }),
  };
}

function toReadable(span: Span, resource: Resource, originMs: number): ReadableSpan {
  const { name, kind, spanId, origin, startMs, endMs, attributes, isFailed } = span;
  const { traceId, parentId, hasRemoteParent, traceState } = origin;
  const traceFlags = TraceFlags.SAMPLED;
  return {
    name,
    kind: kinds[kind],
    spanContext: () => ({
      traceId,
      spanId,
      traceFlags,
      ...(traceState !== '' && { traceState: carried(traceState) }),
    }),
    ...(parentId !== '' && { parentSpanContext: { traceId, spanId: parentId, traceFlags, isRemote: hasRemoteParent } }),
    startTime: hrTime(originMs + startMs),
    endTime: hrTime(originMs + endMs),
    duration: hrTime(endMs - startMs),
    status: { code: isFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  // A double has no more than microseconds of the time since 1970.
  return [seconds, Math.min(999_999, Math.round((milliseconds - seconds * 1000) * 1000)) * 1000];
}

/** A `tracestate` that is passed on as it came. */
function carried(text: string): NonNullable<ReturnType<ReadableSpan['spanContext']>['traceState']> {
  const state = {
    serialize: () => text,
    get: () => undefined,
    set: () => state,
    unset: () => state,
  };
  return state;
}

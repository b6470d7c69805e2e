import { readFile } from 'node:fs/promises';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { randomUUID } from 'node:crypto';
import { version } from '../version';
import { parseHeaders } from './headers-file';
import { OtlpJson } from './otlp-json';
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

/**
 * Sends spans by OTLP over HTTP, as JSON, which needs no protobuf library. OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and
 * _CERTIFICATE are obeyed, as are OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
 */
export function createOtlpExporter({ url, headersFile, service }: OtlpExporterOptions): SpanExporter {
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'tributary',
    'service.version': version,
    'service.instance.id': randomUUID(),
  }).merge(detectResources({ detectors: [envDetector] }));
  const json = new OtlpJson({ attributes: resource.attributes, scope: { name: 'tributary', version } });
  const exporter = new OTLPExporterBase<readonly Span[]>(
    createOtlpHttpExportDelegate(
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- what obeys OpenTelemetry's variables and is exported has no other name
      convertLegacyHttpOptions(
        {
          url,
          ...(headersFile !== undefined && { headers: async () => parseHeaders(await readFile(headersFile, 'utf8')) }),
        },
        'TRACES',
        'v1/traces',
        { 'Content-Type': 'application/json' },
      ),
      {
        serializeRequest: (spans: readonly Span[]) => json.write(spans, wallOriginMs()),
        deserializeResponse: () => ({}),
      },
      'otlp_http_span_exporter',
      { name: 'span', countItems: (spans) => spans.length },
      undefined,
    ),
  );
  return {
    send: (spans) =>
      new Promise((resolve, reject) => {
        exporter.export(spans, ({ code, error }) => {
          if (code === ExportResultCode.SUCCESS) resolve();
          else reject(error ?? new Error('the export failed'));
        });
      }),
  };
}

import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { version } from '../version';
import { parseHeaders } from './headers-file';
import type { FromOtlpThread, OtlpThreadData } from './otlp-exporter';

// The thread that talks to the collector. Says first what the process is, then takes bodies of requests, one at a time, and tells what
// became of each.

const { url, headersFile, service, instanceId } = workerData as OtlpThreadData;
const exporter = new OTLPExporterBase<string>(
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
    { serializeRequest: (body: string) => Buffer.from(body), deserializeResponse: () => ({}) },
    'otlp_http_span_exporter',
    { name: 'span', countItems: () => 1 },
    undefined,
  ),
);

function say(message: FromOtlpThread): void {
  parentPort!.postMessage(message);
}

parentPort!.on('message', (body: string) => {
  exporter.export(body, ({ code, error }) => {
    say({ problem: code === ExportResultCode.SUCCESS ? undefined : (error?.message ?? 'the export failed') });
  });
});
const resource = resourceFromAttributes({
  'service.name': service,
  'service.namespace': 'tributary',
  'service.version': version,
  'service.instance.id': instanceId,
}).merge(detectResources({ detectors: [envDetector] }));
say({ attributes: resource.attributes });

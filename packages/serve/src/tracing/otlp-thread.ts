import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { version } from '../version';
import { parseHeaders } from './headers-file';
import type { FromOtlpThread, OtlpThreadData } from './otlp-exporter';
import { requestHead, requestTail } from './otlp-json';
import { maxBatchBytes } from './span-batch';

// The thread that talks to the collector. Takes batches of spans, one at a time, and tells what became of each.

const { url, headersFile, service, instanceId } = workerData as OtlpThreadData;
const exporter = new OTLPExporterBase<Uint8Array>(
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
    { serializeRequest: (body: Uint8Array) => body, deserializeResponse: () => ({}) },
    'otlp_http_span_exporter',
    { name: 'span', countItems: () => 1 },
    undefined,
  ),
);

const resource = resourceFromAttributes({
  'service.name': service,
  'service.namespace': 'tributary',
  'service.version': version,
  'service.instance.id': instanceId,
}).merge(detectResources({ detectors: [envDetector] }));
const head = Buffer.from(requestHead({ attributes: resource.attributes, scope: { name: 'tributary', version } }));
const tail = Buffer.from(requestTail);
// The same memory for every request: a thread that does so little would free its own only after a hundred of them.
const body = Buffer.allocUnsafeSlow(head.length + maxBatchBytes + tail.length);
body.set(head);

parentPort!.on('message', (spans: Uint8Array) => {
  const end = head.length + spans.length;
  body.set(spans, head.length);
  body.set(tail, end);
  exporter.export(body.subarray(0, end + tail.length), ({ code, error }) => {
    const problem = code === ExportResultCode.SUCCESS ? undefined : (error?.message ?? 'the export failed');
    parentPort!.postMessage({ problem, spans } satisfies FromOtlpThread, [spans.buffer as ArrayBuffer]);
  });
});

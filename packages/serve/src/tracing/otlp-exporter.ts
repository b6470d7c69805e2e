import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SpanExporter } from './span-queue';

/** Where the collector is, and who sends to it. */
export interface OtlpExporterOptions {
  /** e.g. `http://collector:4318/v1/traces` */
  readonly url: string;
  /** File with headers for the collector, read again for every batch: a token may be renewed. */
  readonly headersFile: string | undefined;
  /** Kind of process, e.g. `nlp`. */
  readonly service: string;
}

/** What the thread is told at its start. */
export interface OtlpThreadData extends OtlpExporterOptions {
  /** `service.instance.id`: that of the process, however many threads it had. */
  readonly instanceId: string;
}

/** What became of a batch; without a problem, the collector took it. Its bytes come back: here they are freed at once. */
export interface FromOtlpThread {
  readonly problem: string | undefined;
  readonly spans: Uint8Array;
}

/**
 * Sends spans by OTLP over HTTP, as JSON, which needs no protobuf library. OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and
 * _CERTIFICATE are obeyed, as are OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES. OpenTelemetry's libraries and the requests live on a
 * thread of their own, which is started again after its death.
 */
export function createOtlpExporter(options: OtlpExporterOptions): SpanExporter {
  const data = { ...options, instanceId: randomUUID() };
  let thread: OtlpThread | undefined;
  const running = (): OtlpThread => (thread ??= new OtlpThread(data, () => (thread = undefined)));
  // Now, beside the loading of models, and not under the first calls.
  running();
  return {
    send: (spans) => running().post(spans),
    close: async () => {
      await thread?.end();
    },
  };
}

/** The main thread's end of `otlp-thread.ts`. */
class OtlpThread {
  private readonly worker: Worker;
  private settle: ((problem: string | undefined) => void) | undefined;

  constructor(workerData: OtlpThreadData, onEnd: () => void) {
    this.worker = new Worker(resolve(__dirname, 'otlp-thread.js'), { workerData });
    // Whoever has spans to send waits for that elsewhere.
    this.worker.unref();
    let problem = 'the thread of the exporter has ended';
    this.worker.on('message', ({ problem: why }: FromOtlpThread) => this.settle?.(why));
    this.worker.on('error', (error) => (problem = error.message));
    this.worker.on('exit', () => {
      onEnd();
      this.settle?.(problem);
    });
  }

  /** Resolves once the collector has taken a batch; one at a time. */
  post(spans: Uint8Array): Promise<void> {
    return new Promise((taken, failed) => {
      this.settle = (problem) => {
        this.settle = undefined;
        if (problem === undefined) taken();
        else failed(new Error(problem));
      };
      this.worker.postMessage(spans, [spans.buffer as ArrayBuffer]);
    });
  }

  /** Whatever is under way stays without an answer. */
  async end(): Promise<void> {
    this.settle = undefined;
    await this.worker.terminate();
  }
}

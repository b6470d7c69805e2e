import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { version } from '../version';
import { OtlpJson, type SpanSource } from './otlp-json';
import type { SpanExporter } from './span-queue';
import { wallOriginMs } from './wall-clock';

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

/** What the thread says: once what the process is, then what became of each request; undefined: it was taken. */
export type FromOtlpThread =
  Pick<SpanSource, 'attributes'> | { readonly attributes?: undefined; readonly problem: string | undefined };

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
    send: async (spans) => {
      const sender = running();
      const json = await sender.json;
      return sender.post(json.write(spans, wallOriginMs()));
    },
    close: async () => {
      await thread?.end();
    },
  };
}

/** The main thread's end of `otlp-thread.ts`. */
class OtlpThread {
  /** Rejects where the thread dies before it has said anything. */
  readonly json: Promise<OtlpJson>;
  readonly #worker: Worker;
  #settle: ((problem: string | undefined) => void) | undefined;

  constructor(workerData: OtlpThreadData, onEnd: () => void) {
    this.#worker = new Worker(resolve(__dirname, 'otlp-thread.js'), { workerData });
    // Whoever has spans to send waits for that elsewhere.
    this.#worker.unref();
    let problem = 'the thread of the exporter has ended';
    this.json = new Promise((found, failed) => {
      this.#worker.on('message', (message: FromOtlpThread) => {
        const { attributes } = message;
        if (attributes === undefined) this.#settle?.(message.problem);
        else found(new OtlpJson({ attributes, scope: { name: 'tributary', version } }));
      });
      this.#worker.on('error', (error) => (problem = error.message));
      this.#worker.on('exit', () => {
        onEnd();
        failed(new Error(problem));
        this.#settle?.(problem);
      });
    });
    // It is told of to those who send.
    this.json.catch(() => undefined);
  }

  /** Resolves once the collector has taken a body; one at a time. */
  post(body: string): Promise<void> {
    return new Promise((taken, failed) => {
      this.#settle = (problem) => {
        this.#settle = undefined;
        if (problem === undefined) taken();
        else failed(new Error(problem));
      };
      this.#worker.postMessage(body);
    });
  }

  /** Whatever is under way stays without an answer. */
  async end(): Promise<void> {
    this.#settle = undefined;
    await this.#worker.terminate();
  }
}

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { abortError } from '../abort';
import type { GraphReply, GraphRequest } from './graph-messages';
import { ProtoError } from './proto-scanner';
import type { RowSignature, RowVerdict } from './row-proof';
import type { GraphFacts } from './scan-graph';

/** A graph that was read. */
export interface InspectedGraph {
  /** Names the graph for `prove` and `forget`; never used again. */
  readonly handle: number;
  readonly facts: GraphFacts;
  /** Verdict for all sizes, under the conditions that it names. */
  readonly verdict: RowVerdict;
}

/** Thrown where so much waits for the thread that nothing more is taken. */
export class GraphThreadBusyError extends Error {
  override readonly name = 'GraphThreadBusyError';
}

/** Longest time that one request may take before its thread is ended: proofs end by themselves after half of it. */
const maxAnswerMs = 10_000;
/** Requests that may wait. A signature costs one, and callers choose those. */
const maxWaiting = 256;
/** Heap of the thread, in MiB: the graph of an ensemble of trees, without its thresholds, takes a tenth. */
const maxHeapMb = 512;
/** Of which for what is new. Without a bound it grows with the number of graphs read and is not given back. */
const maxYoungHeapMb = 8;

interface Job {
  readonly request: Exclude<GraphRequest, { kind: 'forget' }>;
  readonly settle: (reply: GraphReply) => void;
}

/**
 * A worker thread that reads graphs and proves on them, off the event loop. It starts when it is first needed, keeps what it has read, and
 * is replaced where it dies or is stuck. It does not keep the process alive.
 */
export class GraphThread {
  private readonly paths = new Map<number, string>();
  private readonly waiting: Job[] = [];
  private current: Job | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;
  private nextHandle = 1;
  private isClosed = false;

  /** @param answerTimeoutMs longest time of one request */
  constructor(private readonly answerTimeoutMs = maxAnswerMs) {}

  /**
   * Reads the graph of a file and proves on it without sizes.
   * @throws ProtoError where the file is no ONNX model
   * @throws Error with the system's code where the file cannot be read
   * @throws GraphThreadBusyError, TributaryError CANCELLED or DEADLINE_EXCEEDED
   */
  async inspect(path: string, signal?: AbortSignal): Promise<InspectedGraph> {
    const handle = this.nextHandle++;
    const reply = await this.ask({ kind: 'inspect', handle, path }, signal);
    if (reply.kind === 'failed') throw toError(reply);
    if (reply.kind !== 'inspected') throw new Error(`the graph's thread answered '${reply.kind}'`);
    this.paths.set(handle, path);
    return { handle, facts: reply.facts, verdict: reply.verdict };
  }

  /**
   * Proves for the sizes of one request. Takes milliseconds; remember the verdict.
   * @returns a refusal, too, where the graph is forgotten, or the proof takes too long or too much memory
   * @throws GraphThreadBusyError
   */
  async prove(handle: number, signature: RowSignature): Promise<RowVerdict> {
    const path = this.paths.get(handle);
    if (path === undefined) return refusal('is no longer known');
    const reply = await this.ask({ kind: 'prove', handle, path, signature });
    if (reply.kind === 'judged') return reply.verdict;
    return refusal(reply.kind === 'failed' ? `cannot be proved on: ${reply.message}` : 'was not proved on');
  }

  /** Drops what was read of a graph. */
  forget(handle: number): void {
    if (!this.paths.delete(handle)) return;
    this.worker?.postMessage({ kind: 'forget', handle } satisfies GraphRequest);
  }

  /** Ends the thread; what waits is refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { worker } = this;
    this.worker = undefined;
    this.fail('the thread that reads graphs is closed');
    for (const job of this.waiting.splice(0)) job.settle(failed('the thread that reads graphs is closed'));
    await worker?.terminate();
  }

  private ask(request: Job['request'], signal?: AbortSignal): Promise<GraphReply> {
    if (signal?.aborted === true) return Promise.reject(abortError(signal));
    if (this.isClosed) return Promise.resolve(failed('the thread that reads graphs is closed'));
    if (this.waiting.length >= maxWaiting)
      return Promise.reject(new GraphThreadBusyError(`${maxWaiting} requests wait for the thread that reads graphs`));
    return new Promise((resolve, reject) => {
      const job: Job = {
        request,
        settle: (reply) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(reply);
        },
      };
      const onAbort = (): void => {
        const place = this.waiting.indexOf(job);
        if (place !== -1) this.waiting.splice(place, 1);
        reject(abortError(signal!));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(job);
      this.next();
    });
  }

  /** One request at a time: so it is known which one a thread died of. */
  private next(): void {
    if (this.current !== undefined) return;
    const job = this.waiting.shift();
    if (job === undefined) return;
    this.current = job;
    this.timer = setTimeout(() => this.abandon('took too long'), this.answerTimeoutMs).unref();
    this.worker ??= this.start();
    this.worker.postMessage(job.request);
  }

  private start(): Worker {
    const worker = new Worker(join(__dirname, 'graph-worker.js'), {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: maxYoungHeapMb },
    });
    worker.unref();
    worker.on('message', (reply: GraphReply) => {
      if (this.worker === worker) this.settle(reply);
    });
    // Told of by 'exit', which follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.fail('ended the thread that reads graphs: it takes too much memory');
    });
    return worker;
  }

  /** Leaves a thread that does not answer to its end, and goes on with a new one. */
  private abandon(problem: string): void {
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    this.fail(problem);
  }

  private fail(message: string): void {
    this.settle(failed(message));
  }

  private settle(reply: GraphReply): void {
    const job = this.current;
    clearTimeout(this.timer);
    this.current = undefined;
    job?.settle(reply);
    if (!this.isClosed) this.next();
  }
}

function failed(message: string): GraphReply {
  return { kind: 'failed', isMalformed: false, message, code: '' };
}

function toError({ isMalformed, message, code }: Extract<GraphReply, { kind: 'failed' }>): Error {
  if (isMalformed) return new ProtoError(message);
  return code === '' ? new Error(message) : Object.assign(new Error(message), { code });
}

function refusal(why: string): RowVerdict {
  return { kind: 'refused', operator: 'the graph', node: '', why };
}

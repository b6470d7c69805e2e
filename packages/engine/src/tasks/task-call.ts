import { refusal, type Tensors } from '@tributary/contract';
import type { InferResult, InferTiming, ModelInfo } from '../engine';
import { resolveModel } from '../models/resolve-model';
import type { TaskContext, TaskInferOptions } from './task';
import { receiveError } from './carried-error';
import type { CarriedError, CarriedResult, FromTaskLane } from './messages';
import { buffersOf, toTransferableTensors } from '../threads/transferable';

/** What a call on a task lane needs of its thread. */
export interface TaskCallHost {
  tell(message: FromTaskLane, moved: readonly ArrayBuffer[]): void;
  versionsOf(model: string): readonly ModelInfo[] | undefined;
}

interface Query {
  readonly resolve: (result: InferResult) => void;
  readonly reject: (error: Error) => void;
}

/** One call in progress on a task lane: what its handler sees of the engine. */
export class LaneCall implements TaskContext {
  private readonly controller = new AbortController();
  private readonly queries = new Map<number, Query>();
  private nextQuery = 0;
  private resolveTaken: (() => void) | undefined;
  private readonly startedAtMs = performance.now();
  private firstInferAtMs: number | undefined;
  private lastInferEndMs: number | undefined;
  private inferenceUs = 0;
  private batchSize = 0;

  constructor(
    private readonly call: number,
    readonly model: string,
    readonly version: string,
    private readonly host: TaskCallHost,
    /** Waiting so far, microseconds: for the lane, later for models too. */
    private queueUs: number,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  infer(inputs: Tensors, options: TaskInferOptions = {}): Promise<InferResult> {
    if (this.signal.aborted) return Promise.reject(this.signal.reason as Error);
    this.firstInferAtMs ??= performance.now();
    const query = this.nextQuery++;
    return new Promise((resolve, reject) => {
      this.queries.set(query, { resolve, reject });
      const tensors = toTransferableTensors(inputs);
      this.host.tell(
        {
          kind: 'infer',
          call: this.call,
          query,
          model: options.model ?? '',
          inputs: tensors,
          outputs: options.outputs ?? [],
          mayPad: options.mayPad ?? false,
        },
        buffersOf(tensors),
      );
    });
  }

  modelInfo(name: string): ModelInfo {
    // While models load, one may be asked whose own task is not warm yet: its metadata is known already.
    return resolveModel(
      (model) => this.host.versionsOf(model),
      name,
      '',
      ({ state, inputs, outputs }) => state === 'READY' || (state === 'LOADING' && inputs.length + outputs.length > 0),
    );
  }

  timing(): InferTiming {
    const nowMs = performance.now();
    return {
      queueUs: this.queueUs,
      prepareUs: ((this.firstInferAtMs ?? nowMs) - this.startedAtMs) * 1000,
      inferenceUs: this.inferenceUs,
      finishUs: (nowMs - (this.lastInferEndMs ?? nowMs)) * 1000,
      batchSize: this.batchSize,
    };
  }

  /** An inference ended well. */
  inferred(query: number, { version, outputs, timing }: CarriedResult): void {
    this.queueUs += timing.queueUs;
    this.inferenceUs += timing.prepareUs + timing.inferenceUs + timing.finishUs;
    this.batchSize = Math.max(this.batchSize, timing.batchSize);
    this.takeQuery(query)?.resolve({ version, outputs: new Map(outputs), timing });
  }

  inferFailed(query: number, error: CarriedError): void {
    this.takeQuery(query)?.reject(receiveError(error));
  }

  /** The caller is gone: what the handler waits for fails. */
  abort(error: CarriedError): void {
    const reason = receiveError(error);
    this.controller.abort(reason);
    for (const query of [...this.queries.keys()]) this.takeQuery(query)?.reject(reason);
    this.taken();
  }

  /** Sends one answer of several and waits until it was taken. */
  async give(answer: Uint8Array<ArrayBuffer>): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.resolveTaken = resolve;
      this.host.tell({ kind: 'answer', call: this.call, answer }, [answer.buffer]);
    });
    this.signal.throwIfAborted();
  }

  taken(): void {
    this.resolveTaken?.();
    this.resolveTaken = undefined;
  }

  /** The handler returned: nothing it left behind is waited for. */
  end(): void {
    for (const query of [...this.queries.keys()]) this.takeQuery(query)?.reject(refusal('CANCELLED', {}));
  }

  private takeQuery(query: number): Query | undefined {
    this.lastInferEndMs = performance.now();
    const found = this.queries.get(query);
    this.queries.delete(query);
    return found;
  }
}

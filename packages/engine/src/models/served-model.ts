import { refusal, type ErrorReason, type TributaryError } from '@tributary/contract';
import type { ModelInfo, ModelState, TensorSpec } from '../engine';
import type { LoadedSession } from '../sessions/messages';
import type { SessionMetadata } from '../sessions/session-host';
import type { ModelPlan } from './model-plan';
import type { ModelSettings } from './repository/model-settings';
import type { RepositoryVersion } from './repository/scan-repository';
import type { RunCost } from '../scheduling/run-costs';
import { isPaddable, type InputRules } from '../tensors/check-request';

/** Largest batch of a model whose model.json names none. */
export const defaultMaxBatchSize = 8;

/** Of a version whose file has not been read. */
const noMetadata: SessionMetadata = {
  producer: '',
  graphName: '',
  domain: '',
  description: '',
  modelVersion: '',
  custom: new Map(),
  dimensionNames: new Map(),
};

/** One version of one model: what is known of it, and the state it is in. */
export class ServedModel {
  state: ModelState = 'LOADING';
  reason = '';
  inputs: readonly TensorSpec[] = [];
  outputs: readonly TensorSpec[] = [];
  labels: readonly string[] = [];
  batched = false;
  maxBatchSize = 1;
  loadMs = 0;
  fileBytes = 0;
  memoryBytes = 0;
  /** Its sessions answer; task code may ask it although its own task is not warm yet. */
  hasSessions = false;
  /** Its runs are on the event loop, not on session lanes. */
  runsInline = false;
  /** What `tributary tune` found for this model on this many cores; undefined: the plain rule holds. */
  plan: ModelPlan | undefined;
  rules: InputRules;

  constructor(
    /** Number by which lanes know it. */
    readonly session: number,
    readonly source: RepositoryVersion,
  ) {
    this.rules = this.makeRules();
  }

  /** What runs were measured to cost before this start, where a plan says so. */
  get costs(): readonly RunCost[] {
    return this.plan?.costs ?? [];
  }

  get name(): string {
    return this.source.name;
  }

  get version(): string {
    return this.source.version;
  }

  get settings(): ModelSettings {
    return this.source.settings;
  }

  /** Largest batch where it may be batched at all: what a person set, else the plan's, else the default. */
  get wantedBatchSize(): number {
    return this.settings.batching.maxBatchSize ?? this.plan?.maxBatchSize ?? defaultMaxBatchSize;
  }

  /** Takes over what the first lane learnt. */
  describe({ inputs, outputs, batching }: LoadedSession): void {
    this.batched = batching.kind === 'safe';
    this.maxBatchSize = this.batched ? this.wantedBatchSize : 1;
    this.inputs = inputs;
    this.outputs = outputs;
    this.rules = this.makeRules();
  }

  /** Marks it as not serving. The sentence may be shown to callers of RepositoryIndex. */
  fail(reason: ErrorReason, sentence: string): void {
    this.state = 'UNAVAILABLE';
    this.reason = `${reason}: ${sentence}`;
  }

  failWith(error: TributaryError): void {
    this.fail(error.reason, error.message);
  }

  notReady(): TributaryError {
    return refusal('MODEL_NOT_READY', { model: this.name, version: this.version });
  }

  info(defaultOfTask: boolean, servedByDefault: boolean): ModelInfo {
    return {
      name: this.name,
      version: this.version,
      state: this.state,
      reason: this.reason,
      task: this.settings.task,
      defaultOfTask,
      servedByDefault,
      inputs: this.inputs,
      outputs: this.outputs,
      maxBatchSize: this.maxBatchSize,
      batched: this.batched,
      batching: { kind: this.batched ? 'proved' : 'refused', reason: '' },
      metadata: noMetadata,
      labels: this.labels,
      maxQueueSize: this.settings.maxQueueSize,
      loadMs: this.loadMs,
      fileBytes: this.fileBytes,
      memoryBytes: this.memoryBytes,
    };
  }

  private makeRules(): InputRules {
    const { name: model, inputs, outputs, batched, maxBatchSize } = this;
    const { rejectNonFinite } = this.settings;
    const paddable = isPaddable(inputs, outputs);
    return { model, inputs, outputs, batched, maxBatchSize, rejectNonFinite, paddable };
  }
}

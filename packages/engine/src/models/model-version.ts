import { refusal, type TributaryError } from '@tributary/contract';
import type { BatchingVerdict, ModelInfo, ModelState, TensorSpec } from '../engine';
import type { RunCost } from '../scheduling/run-costs';
import type { SessionMetadata } from '../sessions/session-host';
import { isPaddable, type InputRules } from '../tensors/check-request';
import type { ModelSettings } from './repository/model-settings';
import type { RepositoryVersion } from './repository/scan-repository';
import type { RowProofs } from './row-proofs';

/** Largest batch of a model whose model.json names none, before more rows were seen to pay. */
export const defaultMaxBatchSize = 8;

/** States that can follow a state. A version ends in UNLOADED and is never used again. */
const successors: Readonly<Record<ModelState, readonly ModelState[]>> = {
  FOUND: ['LOADING', 'FAILED', 'UNLOADED'],
  LOADING: ['READY', 'FAILED', 'UNLOADED'],
  READY: ['RESTING', 'DRAINING', 'FAILED'],
  RESTING: ['READY', 'DRAINING', 'FAILED'],
  DRAINING: ['UNLOADED'],
  FAILED: ['UNLOADED'],
  UNLOADED: [],
};

/** What a load learnt of a version. */
export interface VersionFacts {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly labels: readonly string[];
  readonly metadata: SessionMetadata;
  readonly batching: BatchingVerdict;
  readonly maxBatchSize: number;
  /** Signatures whose rows may share a run. */
  readonly proofs: RowProofs;
  /** Rows may be padded: tried at load. */
  readonly mayPad: boolean;
  readonly takesEmpty: boolean;
  readonly takesAnyBytes: boolean;
  /** What runs were measured to cost before the first call. */
  readonly costs: readonly RunCost[];
  readonly runsInline: boolean;
  /** Most runs at the same time; undefined: as many as there are lanes. */
  readonly maxRuns: number | undefined;
}

const noMetadata: SessionMetadata = {
  producer: '',
  graphName: '',
  domain: '',
  description: '',
  modelVersion: '',
  custom: new Map(),
  dimensionNames: new Map(),
};

/** One version of one model: a state machine, and what is known of it. */
export class ModelVersion {
  loadMs = 0;
  fileBytes = 0;
  memoryBytes = 0;
  /** The event loop runs it. A model whose runs turn out to be long leaves the loop. */
  runsInline = false;
  maxBatchSize = 1;
  rules: InputRules;
  private currentState: ModelState = 'FOUND';
  private currentReason = '';
  private facts: VersionFacts | undefined;
  private restCount = 0;

  constructor(
    /** Number by which hosts and lanes know it; never used again. */
    readonly id: number,
    readonly source: RepositoryVersion,
  ) {
    this.rules = this.makeRules();
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

  get state(): ModelState {
    return this.currentState;
  }

  /** Reason of the catalogue and a sentence; empty where the version serves or is on its way to it. */
  get reason(): string {
    return this.currentReason;
  }

  get inputs(): readonly TensorSpec[] {
    return this.facts?.inputs ?? [];
  }

  get outputs(): readonly TensorSpec[] {
    return this.facts?.outputs ?? [];
  }

  get labels(): readonly string[] {
    return this.facts?.labels ?? [];
  }

  get costs(): readonly RunCost[] {
    return this.facts?.costs ?? [];
  }

  /** Rows of several requests may share a run, where their signature allows it. */
  get batched(): boolean {
    return this.facts?.batching.kind === 'proved' || this.facts?.batching.kind === 'ownersWord';
  }

  /** Most runs at the same time. */
  get maxRuns(): number {
    return this.facts?.maxRuns ?? Infinity;
  }

  /** Signatures whose rows may share a run; undefined before it is loaded. */
  get proofs(): RowProofs | undefined {
    return this.facts?.proofs;
  }

  /** Sessions answer: task code may ask the version although its own task is not warm yet. */
  get hasSession(): boolean {
    return this.facts !== undefined && (this.state === 'LOADING' || this.state === 'READY');
  }

  /** Calls that were accepted are still answered. */
  get isAlive(): boolean {
    return this.hasSession || (this.facts !== undefined && this.state === 'DRAINING');
  }

  /** Moves on to another state. @throws Error where that state cannot follow: a defect of the caller */
  become(state: Exclude<ModelState, 'FAILED' | 'RESTING'>): void {
    this.move(state, '');
  }

  /** Marks the version as not serving. The error's words may be shown to callers of RepositoryIndex. */
  fail(error: TributaryError): void {
    this.move('FAILED', `${error.reason}: ${error.message}`);
  }

  /**
   * Takes the version out of service for a while.
   * @returns what ends the rest, unless something else has happened to the version meanwhile; it tells whether it did
   */
  rest(error: TributaryError): () => boolean {
    this.move('RESTING', `${error.reason}: ${error.message}`);
    const rest = ++this.restCount;
    return () => {
      if (this.state !== 'RESTING' || this.restCount !== rest) return false;
      this.become('READY');
      return true;
    };
  }

  /** What the load learnt. @throws Error before `describe` */
  get known(): VersionFacts {
    if (this.facts === undefined) throw new Error(`nothing is known of ${this.name}/${this.version} yet`);
    return this.facts;
  }

  /** Takes over what the load learnt. */
  describe(facts: VersionFacts): void {
    this.facts = facts;
    this.runsInline = facts.runsInline;
    this.maxBatchSize = this.batched ? facts.maxBatchSize : 1;
    this.rules = this.makeRules();
  }

  /** Takes over what was found out since. */
  learn(facts: Partial<VersionFacts>): void {
    this.describe({ ...this.known, runsInline: this.runsInline, ...facts });
  }

  /** Runs of so many rows need more memory than runs may take. */
  shrinkBatches(rows: number): void {
    this.maxBatchSize = Math.max(1, Math.min(this.maxBatchSize, Math.floor(rows / 2)));
  }

  notReady(): TributaryError {
    return refusal('MODEL_NOT_READY', { model: this.name, version: this.version });
  }

  info(defaultOfTask: boolean, servedByDefault: boolean): ModelInfo {
    const { name, version, state, reason, inputs, outputs, labels, batched, maxBatchSize, settings } = this;
    const { loadMs, fileBytes, memoryBytes } = this;
    return {
      ...{ name, version, state, reason, defaultOfTask, servedByDefault, inputs, outputs, labels },
      ...{ batched, maxBatchSize, loadMs, fileBytes, memoryBytes },
      task: settings.task,
      maxQueueSize: settings.maxQueueSize,
      batching: this.facts?.batching ?? { kind: 'off', reason: '' },
      metadata: this.facts?.metadata ?? noMetadata,
    };
  }

  private move(state: ModelState, reason: string): void {
    if (!successors[this.currentState].includes(state))
      throw new Error(`${this.name}/${this.version} cannot become ${state} while it is ${this.currentState}`);
    this.currentState = state;
    this.currentReason = reason;
  }

  private makeRules(): InputRules {
    const { name: model, inputs, outputs, batched } = this;
    const { rejectNonFinite, batching } = this.settings;
    return {
      ...{ model, inputs, outputs, batched, rejectNonFinite },
      maxRows: batching.maxBatchSize,
      takesEmpty: this.facts?.takesEmpty ?? false,
      takesAnyBytes: this.facts?.takesAnyBytes ?? false,
      paddable: (this.facts?.mayPad ?? false) && isPaddable(inputs, outputs),
    };
  }
}

/** One version of one model as an upstream lists it. */
export interface ServedModel {
  readonly name: string;
  /** In decimal. */
  readonly version: string;
  /** What it is for, e.g. `text-embedding`; '': tensors only. */
  readonly task: string;
  readonly state: 'LOADING' | 'READY' | 'UNAVAILABLE';
  /** Why it is not ready; '' where it is. */
  readonly reason: string;
  /** How its requests share runs, where that is not proved (see batchingNote); '' else. */
  readonly batching: string;
  /** Task RPCs it answers beside Open Inference, as paths: `/tributary.nlp.v1.NlpService/Embed`. */
  readonly methods: ReadonlySet<string>;
  /** Those of `methods` whose default model it is. */
  readonly defaultOf: ReadonlySet<string>;
  /** True for the version that a call without a version gets. */
  readonly servedByDefault: boolean;
}

/** A tensor as `inputs.json` of a model build holds it. */
export interface JsonTensor {
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Files of a fp32 graph, of the shipped form of the same model, and the inputs of one run. */
export interface FormFiles {
  readonly float32: string;
  readonly shipped: string;
  readonly inputs: Readonly<Record<string, JsonTensor>>;
}

export type Form = 'float32' | 'shipped';

/** The questions that a process with both forms of a model answers. */
export interface BareForms {
  /** Loads both graphs, one thread each, and answers the first output of each. */
  load(files: FormFiles): Promise<Readonly<Record<Form, Float32Array>>>;
  /** Runs both forms in turn so many times; the median run of each in milliseconds. */
  time(plan: { readonly runs: number }): Promise<Readonly<Record<Form, number>>>;
}

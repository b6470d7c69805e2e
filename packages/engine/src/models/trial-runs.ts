import type { TensorSpec } from '../engine';
import { sampleDimensions, sampleInputs } from '../sessions/sample-inputs';
import type { HostedSession, RunEnd } from '../sessions/session-host';
import type { PackedTensor } from '../tensors/pack-batch';

/** Runs a version on inputs that nobody asked about; resolves with how the run ended. */
export type RunTrial = (inputs: readonly (PackedTensor | undefined)[]) => Promise<RunEnd>;

/** Thrown where a run on made-up inputs crashed, or did not end in time: no more of them are tried. */
export class TrialError extends Error {
  override readonly name = 'TrialError';
  constructor(
    readonly kind: 'crashed' | 'endless',
    problem: string,
  ) {
    super(problem);
  }
}

/** What the model said to made-up inputs. */
export interface TrialAnswer {
  readonly outputs: readonly PackedTensor[];
  readonly inferenceUs: number;
  /** What the run costs where nothing disturbs it, in microseconds; see RunEnd. */
  readonly costUs: number;
}

/** Size of the dimensions that may vary, and rows of the first where that is the batch. */
export interface TrialShape {
  readonly rows: number | undefined;
  readonly dimension: number;
}

/** A version that is tried on made-up inputs before, and shortly after, its first calls. */
export class TrialRuns {
  /** Sizes of dimensions that may vary for which the model answered. */
  private readonly answered = new Set<number>();
  private readonly required: readonly TensorSpec[];

  constructor(
    private readonly session: Pick<HostedSession, 'inputs'>,
    private readonly runTrial: RunTrial,
  ) {
    this.required = session.inputs.filter(({ isOptional }) => isOptional !== true);
  }

  /** True where the shape of an input leaves more open than the rows. */
  get hasVaryingRest(): boolean {
    return this.required.some(({ shape }) => shape.lastIndexOf(-1) > 0);
  }

  /** Sizes of dimensions that the model is known to take, in the order in which they were tried. */
  get dimensions(): readonly number[] {
    return [...this.answered];
  }

  /**
   * Runs the model once, so that the first caller does not pay for lazy allocations: on numbers that look random, else on zeros, with
   * the first size of the varying dimensions that it takes.
   * @returns undefined where it takes none of them
   * @throws TrialError
   */
  async warmUp(): Promise<TrialAnswer | undefined> {
    for (const isPlain of [false, true]) {
      for (const dimension of sampleDimensions) {
        const answer = await this.answer({ rows: undefined, dimension }, 0, isPlain);
        if (answer !== undefined) return answer;
      }
    }
    return undefined;
  }

  /**
   * One run on made-up inputs.
   * @param seed inputs of another seed differ
   * @returns undefined where the model does not take them
   * @throws TrialError
   */
  async answer(shape: TrialShape, seed = 0, isPlain = false): Promise<TrialAnswer | undefined> {
    const inputs = this.inputs(shape, seed, isPlain);
    if (inputs === undefined) return undefined;
    const answer = await this.run(inputs);
    if (answer !== undefined) this.answered.add(shape.dimension);
    return answer;
  }

  /** Made-up inputs in the model's order, without the optional ones; undefined where they would be too large. */
  inputs({ rows, dimension }: TrialShape, seed: number, isPlain = false): PackedTensor[] | undefined {
    const specs =
      rows === undefined
        ? this.required
        : this.required.map((spec) => ({ ...spec, shape: [rows, ...spec.shape.slice(1)] }));
    return sampleInputs(specs, dimension, seed, isPlain);
  }

  /**
   * One run on the given inputs, without the optional ones.
   * @returns undefined where the run failed
   * @throws TrialError
   */
  async run(inputs: readonly PackedTensor[]): Promise<TrialAnswer | undefined> {
    const given = new Map(this.required.map((spec, index) => [spec, inputs[index]]));
    const end = await this.runTrial(this.session.inputs.map((spec) => given.get(spec)));
    switch (end.kind) {
      case 'ran':
        return end;
      case 'failed':
      case 'tooLarge':
      case 'outOfMemory':
        return undefined;
      case 'stopped':
        throw new TrialError('endless', 'a run on made-up inputs did not end in time');
      case 'lost':
        throw new TrialError('crashed', `a run on made-up inputs crashed: ${end.problem}`);
    }
  }
}

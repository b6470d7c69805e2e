import type { TensorSpec } from '../engine';
import { InlineSession } from './inline-session';
import type { HostedSession, InferenceLane, Run, RunEnd } from './session-host';

/** Mean duration of a run, in microseconds, above which a model does not belong on the event loop. */
export const maxInlineMeanUs = 1000;

const newestWeight = 1 / 32;

/**
 * A run counts as at most this many times the bound: a thread that is taken off its core for a moment, which is no fault of the
 * model, weighs no more than that, and a model that is slow is found out within ten runs.
 */
const mostBounds = 4;

/** What the owner of the lane is told. */
export interface InlineLaneEvents {
  /** The session's runs hold the event loop for too long; the lane does not hold it any more. */
  onTooSlow(session: number, meanUs: number): void;
}

/**
 * Operators whose CPU kernels can neither trap nor run long whatever the values: arithmetic in floating point, matrix products, and
 * what moves elements about. Division and remainder of integers trap (INT_MIN / -1), and so do kernels that divide by a size.
 */
const harmlessOperators: ReadonlySet<string> = new Set(
  (
    'Abs Add BatchNormalization Clip Concat Elu Erf Exp Flatten FusedGemm FusedMatMul Gelu Gemm HardSigmoid HardSwish Identity ' +
    'LayerNormalization LeakyRelu MatMul Mul Neg PRelu Relu Reshape Selu Sigmoid SkipLayerNormalization Softmax Softplus ' +
    'Softsign Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze'
  ).split(' '),
);

const inlineDatatypes: ReadonlySet<string> = new Set(['FP32', 'FP64']);

/** Nothing among the operators can trap or run long. */
export function isHarmless(operators: ReadonlySet<string>): boolean {
  return [...operators].every((operator) => harmlessOperators.has(operator));
}

/** Why the event loop does not run a model; undefined: it may. */
export function inlineMisfit(
  { inputs, outputs }: Pick<HostedSession, 'inputs' | 'outputs'>,
  operators: ReadonlySet<string>,
  isBatched: boolean,
): string | undefined {
  const specs = [...inputs, ...outputs];
  const harmful = [...operators].find((operator) => !harmlessOperators.has(operator));
  if (harmful !== undefined) return `its ${harmful} is not among the operators that cannot trap`;
  const varying = specs.find(({ shape }) => shape.lastIndexOf(-1) > 0);
  if (varying !== undefined) return `'${varying.name}' has dimensions that may vary`;
  // A row of any size could come in a request, and a run of a large one would hold the loop.
  if (!isBatched && specs.some(({ shape }) => shape.includes(-1))) return 'it is not batched';
  const optional = inputs.find(({ isOptional }) => isOptional === true);
  if (optional !== undefined) return `'${optional.name}' may be left out`;
  // On Node 24 the library's two halves disagree on FP16; the event loop serves the plain datatypes alone.
  const unfit = specs.find(({ datatype }) => !inlineDatatypes.has(datatype));
  return unfit === undefined ? undefined : `'${unfit.name}' is ${unfit.datatype}`;
}

interface HeldSession {
  readonly session: InlineSession;
  meanUs: number;
}

/**
 * Sessions on the event loop, for models whose whole run takes less than the way to a lane and back. A run is over when `start`
 * returns; its owner is told in a microtask, as with any other lane.
 */
export class InlineLane implements InferenceLane {
  readonly isInline = true;
  private readonly sessions = new Map<number, HeldSession>();
  private isRunning = false;

  constructor(
    private readonly maxOutputBytes: number,
    private readonly events: InlineLaneEvents,
  ) {}

  get isFree(): boolean {
    return !this.isRunning;
  }

  holds(session: number): boolean {
    return this.sessions.has(session);
  }

  /** Takes over a session whose file a host has loaded and tried. @throws Error where the library cannot be used in this process */
  async adopt(
    session: number,
    path: string,
    { inputs, outputs }: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] },
  ): Promise<void> {
    this.sessions.set(session, { session: await InlineSession.load(path, inputs, outputs), meanUs: 0 });
  }

  /** Lets go of a session; does nothing where the lane does not hold it. */
  release(session: number): void {
    void this.sessions.get(session)?.session.release();
    this.sessions.delete(session);
  }

  start(run: Run): void {
    this.isRunning = true;
    const held = this.sessions.get(run.session)!;
    const startedAt = performance.now();
    const end = this.run(held, run, startedAt);
    queueMicrotask(() => {
      this.isRunning = false;
      if ('inferenceUs' in end) this.learn(run.session, held, end.inferenceUs);
      run.onEnd(end);
    });
  }

  stop(): void {
    // Nothing outlasts `start`.
  }

  async close(): Promise<void> {
    const held = [...this.sessions.values()];
    this.sessions.clear();
    await Promise.all(held.map(({ session }) => session.release()));
  }

  private run({ session }: HeldSession, { inputs, outputs }: Run, startedAt: number): RunEnd {
    try {
      const results = session.run(inputs, outputs);
      const inferenceUs = (performance.now() - startedAt) * 1000;
      let outputBytes = 0;
      for (const { bytes } of results) outputBytes += bytes.length;
      if (outputBytes > this.maxOutputBytes) return { kind: 'tooLarge', outputBytes, inferenceUs };
      // Nothing else ran on this thread meanwhile: the time of the clock is what it cost.
      return { kind: 'ran', outputs: results, inferenceUs, costUs: inferenceUs };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', problem, inferenceUs: (performance.now() - startedAt) * 1000 };
    }
  }

  private learn(id: number, held: HeldSession, runUs: number): void {
    held.meanUs += newestWeight * (Math.min(runUs, mostBounds * maxInlineMeanUs) - held.meanUs);
    if (held.meanUs <= maxInlineMeanUs || !this.sessions.delete(id)) return;
    void held.session.release();
    this.events.onTooSlow(id, held.meanUs);
  }
}

import type { TensorSpec } from '../engine';
import type { InferenceLane } from './inference-lane';
import { InlineSession } from './inline-session';
import type { LoadedSession } from './messages';
import type { Run, RunEnd } from './session-lane';

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

interface HeldSession {
  readonly session: InlineSession;
  meanUs: number;
}

/** Why the event loop does not run a model, whatever its plan says; undefined: it may. */
export function inlineMisfit({ inputs, outputs, batching, hasLoops }: LoadedSession): string | undefined {
  const specs = [...inputs, ...outputs];
  const varying = specs.find(({ shape }) => shape.lastIndexOf(-1) > 0);
  if (varying !== undefined) return `'${varying.name}' has dimensions that may vary`;
  // A row of any size could come in a request, and a run of a large one would hold the loop.
  if (batching.kind !== 'safe' && specs.some(({ shape }) => shape.includes(-1))) return 'it is not batched';
  // On Node 24 the library's two halves disagree on FP16; a session lane hides the array type, the main thread must not.
  const unfit = specs.find(({ datatype }) => ['FP16', 'BF16', 'BYTES'].includes(datatype));
  if (unfit !== undefined) return `'${unfit.name}' is ${unfit.datatype}`;
  return hasLoops ? 'it has loops, which may not end' : undefined;
}

/**
 * Sessions on the event loop, for models whose whole run takes less than the way to a worker thread and back. A run is over when
 * `start` returns; its owner is told in a microtask, as with any other lane.
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

  expects(session: number): boolean {
    return this.holds(session);
  }

  busy(): undefined {
    return undefined;
  }

  /** Takes over a session that a session lane has loaded and tried. @throws Error */
  adopt(session: number, path: string, specs: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }): void {
    this.sessions.set(session, { session: InlineSession.load(path, specs.inputs, specs.outputs), meanUs: 0 });
  }

  start(run: Run): void {
    this.isRunning = true;
    const held = this.sessions.get(run.session)!;
    const startedAt = performance.now();
    const end = this.run(held, run, startedAt);
    queueMicrotask(() => {
      this.isRunning = false;
      if (end.kind !== 'lost') this.learn(run.session, held, end.inferenceUs);
      run.onEnd(end);
    });
  }

  giveUp(): void {
    // Nothing outlasts `start`.
  }

  close(): Promise<void> {
    for (const { session } of this.sessions.values()) session.release();
    this.sessions.clear();
    return Promise.resolve();
  }

  private run({ session }: HeldSession, { inputs, outputs }: Run, startedAt: number): RunEnd {
    try {
      const results = session.run(inputs, outputs);
      const inferenceUs = (performance.now() - startedAt) * 1000;
      let outputBytes = 0;
      for (const { bytes } of results) outputBytes += bytes.length;
      if (outputBytes > this.maxOutputBytes) return { kind: 'tooLarge', outputBytes, inferenceUs };
      // Nothing else ran on this thread meanwhile: the time of the clock is what it cost.
      return { kind: 'ran', outputs: results, returned: [], inferenceUs, costUs: inferenceUs };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', problem, inferenceUs: (performance.now() - startedAt) * 1000 };
    }
  }

  private learn(id: number, held: HeldSession, runUs: number): void {
    held.meanUs += newestWeight * (Math.min(runUs, mostBounds * maxInlineMeanUs) - held.meanUs);
    if (held.meanUs <= maxInlineMeanUs || !this.sessions.delete(id)) return;
    held.session.release();
    this.events.onTooSlow(id, held.meanUs);
  }
}

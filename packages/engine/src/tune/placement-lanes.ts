import { sampleInputs } from '../sessions/sample-inputs';
import type { LoadedSession, LoadRefusal } from '../sessions/messages';
import { InlineLane } from '../sessions/inline-lane';
import { loadError, SessionLane, type RunEnd, type SessionSource } from '../sessions/session-lane';
import { sessionScript } from '../sessions/early-thread';
import type { InferenceLane } from '../sessions/inference-lane';
import type { PackedTensor } from '../tensors/pack-batch';

const session = 0;

/** Rows, and the size of the dimensions that may vary. */
export interface RunShape {
  readonly rows: number;
  readonly length: number;
}

/** What a group of lanes did in a while. */
export interface GroupFigures {
  readonly rowsPerSecond: number;
  /** Median duration of a run inside ONNX Runtime. */
  readonly runUs: number;
  /** Median duration of a run as its caller sees it. */
  readonly callUs: number;
}

/** Lanes that hold one model and run it side by side, on made-up inputs. */
export class LaneGroup {
  private constructor(
    private readonly lanes: readonly InferenceLane[],
    readonly loaded: LoadedSession,
  ) {}

  /** @throws TributaryError where the model cannot be served */
  static async load(count: number, source: Omit<SessionSource, 'session'>): Promise<LaneGroup> {
    const events = { onDeath: () => undefined, onSessionsChanged: () => undefined, onReloadRefused: () => undefined };
    const lanes = Array.from({ length: count }, () => new SessionLane(sessionScript, maxOutputBytes, events));
    try {
      const loaded = await Promise.all(lanes.map((lane) => lane.load({ ...source, session })));
      return new LaneGroup(lanes, loaded[0]!);
    } catch (refused) {
      await Promise.all(lanes.map((lane) => lane.close()));
      throw loadError(refused as LoadRefusal);
    }
  }

  /** The event loop as a group of one. @throws Error where ONNX Runtime cannot be used this way */
  static inline(path: string, loaded: LoadedSession): LaneGroup {
    const lane = new InlineLane(maxOutputBytes, { onTooSlow: () => undefined });
    lane.adopt(session, path, loaded);
    return new LaneGroup([lane], loaded);
  }

  /** False where the model does not take inputs of this size. */
  async takes(shape: RunShape): Promise<boolean> {
    const inputs = this.inputsOf(shape);
    if (inputs === undefined) return false;
    return (await runOn(this.lanes[0]!, inputs)).kind === 'ran';
  }

  /** What the first lane answers; undefined where the model does not take inputs of this size. */
  async answers(shape: RunShape): Promise<readonly Uint8Array[] | undefined> {
    const inputs = this.inputsOf(shape);
    const end = inputs === undefined ? undefined : await runOn(this.lanes[0]!, inputs);
    if (end?.kind !== 'ran') return undefined;
    return end.outputs.map(({ bytes }) => bytes);
  }

  /** Keeps every lane busy for a while, each with at least `leastRuns` runs. */
  async measure(shape: RunShape, forMs: number, leastRuns: number): Promise<GroupFigures> {
    const inputs = this.inputsOf(shape)!;
    const runUs: number[] = [];
    const callUs: number[] = [];
    const startedAt = performance.now();
    await Promise.all(
      this.lanes.map(async (lane) => {
        for (let runs = 0; runs < leastRuns || performance.now() - startedAt < forMs; runs++) {
          const calledAt = performance.now();
          const end = await runOn(lane, inputs);
          if (end.kind !== 'ran') throw new Error('a run on made-up inputs failed');
          runUs.push(end.inferenceUs);
          callUs.push((performance.now() - calledAt) * 1000);
        }
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { rowsPerSecond: (runUs.length * shape.rows) / seconds, runUs: middle(runUs), callUs: middle(callUs) };
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private inputsOf({ rows, length }: RunShape): PackedTensor[] | undefined {
    const isBatched = this.loaded.batching.kind === 'safe';
    const specs = this.loaded.inputs.map((spec) =>
      isBatched ? { ...spec, shape: [rows, ...spec.shape.slice(1)] } : spec,
    );
    return sampleInputs(specs, Math.max(1, length), 0, false);
  }
}

/** The engine's default. */
const maxOutputBytes = 256 * 2 ** 20;

/** Inputs are moved to the lane: each run gets its own, as each batch does. */
function runOn(lane: InferenceLane, inputs: readonly PackedTensor[]): Promise<RunEnd> {
  const copies = inputs.map((input) => ({ ...input, bytes: input.bytes.slice() }));
  return new Promise((resolve) => lane.start({ session, inputs: copies, outputs: undefined, onEnd: resolve }));
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

import {
  GraphThread,
  InlineLane,
  inlineMisfit,
  openSessionHost,
  sampleInputs,
  type HostedSession,
  type InferenceLane,
  type InspectedGraph,
  type PackedTensor,
  type RunEnd,
  type SessionHost,
} from '@tributary/engine/tuning';

const session = 1;
/** The engine's default. */
const maxOutputBytes = 256 * 2 ** 20;

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

/** How a model is held by a group. */
export interface GroupSource {
  readonly path: string;
  readonly intraOpThreads: number;
  readonly prepacks: boolean;
  /** Rows may share a run, where the graph is proved to keep them apart. */
  readonly mayBatch: boolean;
}

/** Lanes that hold one model and run it side by side, on made-up inputs. */
export class LaneGroup {
  private constructor(
    private readonly source: GroupSource,
    private readonly lanes: readonly InferenceLane[],
    /** What holds the lanes; undefined: the event loop. */
    private readonly host: SessionHost | undefined,
    private readonly closing: () => Promise<void>,
    readonly session: HostedSession,
    private readonly graph: InspectedGraph,
  ) {}

  /** @throws TributaryError where the model cannot be served */
  static async load(count: number, source: GroupSource): Promise<LaneGroup> {
    const signal = new AbortController().signal;
    const graphs = new GraphThread();
    let tellLanes: () => void = () => undefined;
    const events = { onLanesChanged: () => tellLanes(), onDeath: () => undefined, onSessionLost: () => undefined };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const host = openSessionHost({
      ...{ isolation: 'runner', lanes: count, maxOutputBytes, runMemoryBytes: undefined },
      ...{ events, log },
    });
    try {
      const graph = await graphs.inspect(source.path, signal);
      const { optionalInputs } = graph.facts;
      const hosted = await host.load({ ...source, session, optionalInputs }, signal);
      const areReady = (): boolean => host.lanes.every((lane) => lane.isFree && lane.holds(session));
      while (!areReady()) await new Promise<void>((resolve) => (tellLanes = resolve));
      return new LaneGroup(source, host.lanes, host, () => host.close(), hosted, graph);
    } catch (error) {
      await host.close();
      throw error;
    } finally {
      await graphs.close();
    }
  }

  /** The graph keeps rows apart, and a batch was asked for. */
  get isBatched(): boolean {
    const { inputs, outputs } = this.session;
    const hasRows = [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
    return this.source.mayBatch && hasRows && this.graph.verdict.kind === 'proved';
  }

  /** Why the event loop does not run the model; undefined: it may. */
  get inlineMisfit(): string | undefined {
    return inlineMisfit(this.session, this.graph.facts.operators, this.isBatched);
  }

  /** The same model on the event loop, as a group of one. @throws Error where ONNX Runtime cannot be used this way */
  async inline(): Promise<LaneGroup> {
    const lane = new InlineLane(maxOutputBytes, { onTooSlow: () => undefined });
    await lane.adopt(session, this.source.path, this.session);
    return new LaneGroup(this.source, [lane], undefined, () => lane.close(), this.session, this.graph);
  }

  /** False where the model does not take inputs of this size. */
  async takes(shape: RunShape): Promise<boolean> {
    const inputs = this.inputsOf(shape);
    if (inputs === undefined) return false;
    return (await this.run(this.lanes[0]!, inputs)).kind === 'ran';
  }

  /** What the first lane answers; undefined where the model does not take inputs of this size. */
  async answers(shape: RunShape): Promise<readonly Uint8Array[] | undefined> {
    const inputs = this.inputsOf(shape);
    const end = inputs === undefined ? undefined : await this.run(this.lanes[0]!, inputs);
    return end?.kind === 'ran' ? end.outputs.map(({ bytes }) => bytes) : undefined;
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
          const end = await this.run(lane, inputs);
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
    await this.closing();
  }

  private inputsOf({ rows, length }: RunShape): PackedTensor[] | undefined {
    const specs = this.session.inputs.map((spec) =>
      this.isBatched ? { ...spec, shape: [rows, ...spec.shape.slice(1)] } : spec,
    );
    return sampleInputs(specs, Math.max(1, length), 0, false);
  }

  /** Inputs are laid down anew for each run, as for each batch. */
  private run(lane: InferenceLane, inputs: readonly PackedTensor[]): Promise<RunEnd> {
    const copies = inputs.map(({ shape, bytes }) => {
      const copy = this.host?.memory.take(bytes.length) ?? new Uint8Array(bytes.length);
      copy.set(bytes);
      return { shape, bytes: copy };
    });
    return new Promise((resolve) => lane.start({ session, inputs: copies, outputs: undefined, onEnd: resolve }));
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

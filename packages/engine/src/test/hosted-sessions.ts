import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byteLengthOf, type Tensor } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import { RunnerHost, type RunnerHostOptions } from '../sessions/runner/runner-host';
import type { HostedSession, InferenceLane, Run, RunEnd, SessionHost } from '../sessions/session-host';
import { cleanUpAfterTest, temporaryFolder } from './support';

/** What a host told its owner. */
export type HostNews =
  | { readonly kind: 'death'; readonly reason: string; readonly problem: string }
  | { readonly kind: 'sessionLost'; readonly session: number; readonly problem: string };

const mib = 2 ** 20;

/** A host of sessions as its owner uses it: loads graphs, and starts runs as soon as a lane is free for them. */
export class HostedSessions {
  readonly host: SessionHost;
  readonly news: HostNews[] = [];
  private readonly folder = temporaryFolder();
  private readonly watchers = new Set<() => void>();
  private sessions = 0;

  /** @param open makes the host */
  constructor(open: (events: RunnerHostOptions['events']) => SessionHost) {
    this.host = open({
      onLanesChanged: () => this.changed(),
      onDeath: (reason, problem) => {
        this.news.push({ kind: 'death', reason, problem });
        this.changed();
      },
      onSessionLost: (session, problem) => {
        this.news.push({ kind: 'sessionLost', session, problem });
        this.changed();
      },
    });
    cleanUpAfterTest(() => this.host.close());
  }

  /** Loads a graph. */
  async load(
    model: Uint8Array | string,
    optionalInputs: readonly TensorSpec[] = [],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<HostedSession & { session: number }> {
    const session = this.sessions++;
    const path = typeof model === 'string' ? model : join(this.folder, `${session}.onnx`);
    if (typeof model !== 'string') writeFileSync(path, model);
    const source = { session, path, intraOpThreads: 1, prepacks: false, optionalInputs };
    return { session, ...(await this.host.load(source, signal)) };
  }

  /** Resolves once the condition holds; it is looked at whenever the host tells something. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
      look();
    });
  }

  /** Resolves when a lane could run the session. */
  async untilFree(session: number): Promise<void> {
    await this.until(() => this.findFree(session, this.host.lanes) !== undefined);
  }

  /** Starts a run as soon as a lane is free. @param inputs undefined: left out */
  async start(
    session: number,
    inputs: readonly (Tensor | undefined)[],
    outputs?: readonly number[],
  ): Promise<StartedRun> {
    for (;;) {
      const lane = this.findFree(session, this.host.lanes);
      if (lane !== undefined) return this.startOn(lane, session, inputs, outputs);
      // Others wait for one as well.
      await this.until(() => this.findFree(session, this.host.lanes) !== undefined);
    }
  }

  /** Starts a run on a lane that is free. */
  startOn(
    lane: InferenceLane,
    session: number,
    inputs: readonly (Tensor | undefined)[],
    outputs?: readonly number[],
  ): StartedRun {
    const packed = inputs.map((tensor) => {
      if (tensor === undefined) return undefined;
      const bytes = this.host.memory.take(byteLengthOf(tensor));
      if (bytes === undefined) throw new Error('no memory for an input');
      bytes.set(tensor.bytes);
      return { shape: tensor.shape, bytes };
    });
    return this.startPacked(lane, { session, inputs: packed, outputs });
  }

  /** Starts a run whose inputs lie in the host's memory. */
  startPacked(lane: InferenceLane, what: Omit<Run, 'onEnd'>): StartedRun {
    const started = new StartedRun(lane, what, () => this.changed());
    lane.start(started.run);
    return started;
  }

  /** Runs, and fails unless the run ended well. @returns the outputs' bytes and shapes */
  async run(
    session: number,
    inputs: readonly (Tensor | undefined)[],
    outputs?: readonly number[],
  ): Promise<Ran['outputs']> {
    const end = await (await this.start(session, inputs, outputs)).end;
    if (end.kind !== 'ran') throw new Error(`the run ended as ${JSON.stringify(end)}`);
    return end.outputs;
  }

  private findFree(session: number, lanes: readonly InferenceLane[]): InferenceLane | undefined {
    return lanes.find((lane) => lane.isFree && lane.holds(session));
  }

  private changed(): void {
    for (const look of [...this.watchers]) look();
  }
}

type Ran = Extract<RunEnd, { kind: 'ran' }>;

/** A run, and how it ended. */
export class StartedRun {
  readonly run: Run;
  readonly end: Promise<RunEnd>;
  /** How often it ended. */
  ends = 0;

  constructor(
    private readonly lane: InferenceLane,
    what: Omit<Run, 'onEnd'>,
    onEnd: () => void,
  ) {
    let resolve!: (end: RunEnd) => void;
    this.end = new Promise((settle) => (resolve = settle));
    this.run = {
      ...what,
      onEnd: (end) => {
        this.ends++;
        resolve(end);
        onEnd();
      },
    };
  }

  stop(): void {
    this.lane.stop(this.run);
  }
}

/** Sessions in a runner. Two lanes, unless the options say otherwise. */
export function startRunnerHost(options: Partial<RunnerHostOptions> = {}): HostedSessions & { host: RunnerHost } {
  const defaults = { isolation: 'process' as const, lanes: 2, maxOutputBytes: 256 * mib };
  const memory = { runMemoryBytes: 1024 * mib, memoryLimitBytes: Infinity, sharedBytes: 1024 * mib };
  const open = (events: RunnerHostOptions['events']): RunnerHost =>
    new RunnerHost({ ...defaults, ...memory, ...options, events });
  return new HostedSessions(open) as HostedSessions & { host: RunnerHost };
}

/** The pid of a runner that is a process. */
export function pidOf({ host }: { host: RunnerHost }): number {
  const { pid } = host;
  if (pid === undefined) throw new Error('there is no runner');
  return pid;
}

import { refusal, TributaryError, type Datatype } from '@tributary/contract';
import { datatypeOfOnnx } from '@tributary/contract';
import type { TensorSpec } from '../../engine';
import { loadProblem } from '../../onnx/load-problem';
import { elementTypeName } from '../ort/element-types';
import type { OrtValueSpec } from '../ort/ort-session';
import type { HostedSession, SessionSource } from '../session-host';
import type { FromRunner, LoadedFacts, ToRunner } from './messages';
import type { RunnableSession } from './runner-lane';

/** What the books need of their host. */
export interface BooksOwner {
  send(message: ToRunner): void;
  /** Ends the runner, because a load does not give way. False: that cannot be done. */
  killForLoad(why: string): boolean;
  onChanged(): void;
  onSessionLost(session: number, problem: string): void;
}

/** How the runner died, as far as loads are concerned. */
export interface RunnerDeath {
  readonly reason: string;
  /** Runs that had started are suspects as well. */
  readonly hadRuns: boolean;
  /** The host ended it itself, and no load is to blame unless it was the one that did not give way. */
  readonly wasKilled: boolean;
}

/** Loads that the runner works on at the same time, each on a thread of its pool. */
const mostLoads = 4;

/** A load that does not give way within this time after it was given up ends the runner. */
const giveWayMs = 2000;

/** A session that had been loaded is given up when the runner has died of it so often; likewise a load that had company each time. */
const mostDeaths = 3;

/** A load that has been alone for so long goes on beside others: it may hang. */
const mostAloneMs = 5000;

interface Entry {
  readonly source: SessionSource;
  state: 'waiting' | 'loading' | 'loaded';
  /** Had been loaded before the runner died. */
  wasLoaded: boolean;
  /** The runner died while it was loaded beside others: these wait, but not for ever. */
  mustBeAlone: boolean;
  /** The runner died of it or of a run: which, is not known until the runs were run again. */
  isAccused: boolean;
  deaths: number;
  memoryBytes: number;
  runnable: RunnableSession | undefined;
  /** Of the load that somebody waits for; undefined once it is answered. */
  waiter: Waiter | undefined;
}

interface Waiter {
  readonly resolve: (hosted: HostedSession) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  giveWayTimer: NodeJS.Timeout | undefined;
}

/**
 * Which sessions the runner should hold, which it holds, and what is being loaded; over deaths of the runner. One file, because every
 * event changes the same few states.
 */
export class SessionBooks {
  private readonly entries = new Map<number, Entry>();
  /** Releases that somebody waits for, by session. */
  private readonly releases = new Map<number, () => void>();
  private isUp = false;
  /** Runs are being run again to find out what the runner died of: nothing new is loaded beside them. */
  private awaitsVerdict = false;

  constructor(private readonly owner: BooksOwner) {}

  get isLoading(): boolean {
    return this.inState('loading').length > 0;
  }

  /** Undefined: it is not loaded now. */
  session(session: number): RunnableSession | undefined {
    return this.entries.get(session)?.runnable;
  }

  /** There is a runner, which knows no session yet. */
  begin(): void {
    this.isUp = true;
    this.sendNext();
  }

  load(source: SessionSource, signal: AbortSignal): Promise<HostedSession> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => this.giveUp(entry);
      const waiter: Waiter = { resolve, reject, signal, onAbort, giveWayTimer: undefined };
      const entry: Entry = {
        source,
        state: 'waiting',
        wasLoaded: false,
        mustBeAlone: false,
        isAccused: false,
        deaths: 0,
        memoryBytes: 0,
        runnable: undefined,
        waiter,
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.entries.set(source.session, entry);
      this.sendNext();
    });
  }

  unload(session: number): Promise<void> {
    const entry = this.entries.get(session);
    this.entries.delete(session);
    // Nothing is held of it where there is no runner, or it has not been told of it.
    if (entry === undefined || entry.state === 'waiting' || !this.isUp) return Promise.resolve();
    const released = new Promise<void>((resolve) => this.releases.set(session, resolve));
    // One that is being loaded again is released once it is there.
    if (entry.state === 'loaded') this.owner.send({ kind: 'release', session });
    return released;
  }

  receive(message: Exclude<FromRunner, { kind: 'laneReady' }>): void {
    switch (message.kind) {
      case 'loaded':
        this.loaded(message.session, message);
        break;
      case 'refused':
        this.refused(message.session, message.isUnservable, message.problem);
        this.owner.onChanged();
        break;
      case 'released':
        this.released(message.session);
        break;
    }
    this.sendNext();
  }

  /** Sorts out which load is to blame; what had been loaded is to be loaded again when `begin` is called. */
  die({ reason, hadRuns, wasKilled }: RunnerDeath): void {
    this.isUp = false;
    for (const session of [...this.releases.keys()]) this.released(session);
    const suspects = this.inState('loading');
    // SIGKILL comes from outside, of somebody or of the kernel that has no memory: it may be the load's and need not.
    const isCertain = suspects.length === 1 && reason !== 'SIGKILL';
    this.awaitsVerdict ||= hadRuns;
    for (const entry of this.entries.values()) {
      const isSuspect = entry.state === 'loading';
      if (entry.state === 'loaded') entry.wasLoaded = true;
      entry.runnable = undefined;
      entry.state = 'waiting';
      if (!isSuspect) continue;
      if (entry.waiter?.signal.aborted === true) this.reject(entry, reasonOf(entry.waiter.signal));
      else if (wasKilled) continue;
      else if (hadRuns) {
        entry.mustBeAlone = true;
        entry.isAccused = true;
      } else this.suspect(entry, isCertain, reason);
    }
  }

  /**
   * The runs that had started when the runner died were run again, or nobody wants them any more.
   * @param isFound one of them is what it died of, and no load is
   */
  judge(isFound: boolean): void {
    if (!this.awaitsVerdict) return;
    this.awaitsVerdict = false;
    for (const entry of [...this.entries.values()]) {
      if (!entry.isAccused) continue;
      entry.isAccused = false;
      if (!isFound) this.suspect(entry, false, 'and the runs beside it are not to blame');
    }
    this.sendNext();
  }

  /** Nothing is loaded any more. */
  close(): void {
    for (const entry of [...this.entries.values()]) {
      if (entry.waiter !== undefined) this.reject(entry, refusal('SHUTTING_DOWN', {}));
    }
    this.entries.clear();
  }

  private suspect(entry: Entry, isCertain: boolean, reason: string): void {
    entry.mustBeAlone = true;
    entry.deaths++;
    if (entry.wasLoaded) {
      // It may only have been there when somebody else ended the runner.
      if (entry.deaths >= mostDeaths)
        this.lose(entry, `the runner died ${entry.deaths} times while it loaded it (${reason})`);
    } else if (isCertain || entry.deaths >= mostDeaths) {
      this.reject(entry, refusal('MODEL_LOAD_CRASHED', { problem: reason }));
    }
  }

  /**
   * What had been loaded comes first, small ones before large ones; then one load after another as they were asked for, and last what must
   * be alone.
   */
  private sendNext(): void {
    if (!this.isUp) return;
    const waiting = this.inState('waiting').sort(
      (one, other) =>
        Number(other.wasLoaded) - Number(one.wasLoaded) ||
        Number(one.mustBeAlone) - Number(other.mustBeAlone) ||
        one.memoryBytes - other.memoryBytes,
    );
    for (const entry of waiting) {
      const loading = this.inState('loading');
      const isBlocked = loading.some(({ mustBeAlone }) => mustBeAlone) || (entry.mustBeAlone && loading.length > 0);
      if (loading.length >= mostLoads || isBlocked || (this.awaitsVerdict && !entry.wasLoaded)) return;
      entry.state = 'loading';
      if (entry.mustBeAlone) this.boundAlone(entry);
      const { session, path, intraOpThreads, prepacks } = entry.source;
      this.owner.send({ kind: 'load', session, path, intraOpThreads, prepacks });
    }
  }

  private boundAlone(entry: Entry): void {
    const timer = setTimeout(() => {
      if (entry.state !== 'loading') return;
      entry.mustBeAlone = false;
      this.sendNext();
    }, mostAloneMs);
    timer.unref();
  }

  private loaded(session: number, facts: LoadedFacts): void {
    const entry = this.entries.get(session);
    if (entry === undefined || entry.waiter?.signal.aborted === true) {
      // Nobody wants it any more.
      if (entry?.waiter !== undefined) this.reject(entry, reasonOf(entry.waiter.signal));
      this.owner.send({ kind: 'release', session });
      return;
    }
    try {
      const hosted = toHosted(entry.source, facts);
      entry.state = 'loaded';
      entry.deaths = 0;
      entry.mustBeAlone = false;
      entry.memoryBytes = facts.memoryBytes;
      entry.runnable = toRunnable(hosted, facts);
      const { waiter } = entry;
      this.settle(entry);
      waiter?.resolve(hosted);
      this.owner.onChanged();
    } catch (error) {
      this.owner.send({ kind: 'release', session });
      this.reject(entry, error as Error);
    }
  }

  private refused(session: number, isUnservable: boolean, problem: string): void {
    this.releases.get(session)?.();
    this.releases.delete(session);
    const entry = this.entries.get(session);
    if (entry === undefined) return;
    if (entry.wasLoaded) this.lose(entry, problem);
    else if (entry.waiter?.signal.aborted === true) this.reject(entry, reasonOf(entry.waiter.signal));
    else this.reject(entry, isUnservable ? refusal('MODEL_UNSUPPORTED', { problem }) : refusedByOrt(problem));
  }

  private released(session: number): void {
    this.releases.get(session)?.();
    this.releases.delete(session);
  }

  /** The load is not wanted any more. */
  private giveUp(entry: Entry): void {
    const { session } = entry.source;
    const { waiter } = entry;
    if (waiter === undefined) return;
    if (entry.state === 'waiting') {
      this.reject(entry, reasonOf(waiter.signal));
      return;
    }
    this.owner.send({ kind: 'cancelLoad', session });
    waiter.giveWayTimer = setTimeout(() => {
      if (this.owner.killForLoad(`the load of session ${session} does not give way`)) return;
      // It goes on in there; what it makes is released.
      this.reject(entry, reasonOf(waiter.signal));
    }, giveWayMs);
  }

  private reject(entry: Entry, error: Error): void {
    const { waiter } = entry;
    this.settle(entry);
    this.entries.delete(entry.source.session);
    waiter?.reject(error);
  }

  private lose(entry: Entry, problem: string): void {
    this.entries.delete(entry.source.session);
    this.owner.onSessionLost(entry.source.session, problem);
  }

  private settle(entry: Entry): void {
    const { waiter } = entry;
    entry.waiter = undefined;
    clearTimeout(waiter?.giveWayTimer);
    waiter?.signal.removeEventListener('abort', waiter.onAbort);
  }

  private inState(state: Entry['state']): Entry[] {
    return [...this.entries.values()].filter((entry) => entry.state === state);
  }
}

/** @throws TributaryError MODEL_UNSUPPORTED */
function toHosted({ optionalInputs }: SessionSource, facts: LoadedFacts): HostedSession {
  const { inputs, outputs, metadata, memoryBytes } = facts;
  const named = new Set(optionalInputs.map(({ name }) => name));
  const optional = facts.optionalInputs.filter(({ name }) => named.has(name));
  const dimensionNames = new Map([...inputs, ...optional, ...outputs].map((spec) => [spec.name, spec.dimensionNames]));
  return {
    inputs: [...inputs.map(toSpec), ...optional.map((spec) => ({ ...toSpec(spec), isOptional: true }))],
    outputs: outputs.map(toSpec),
    metadata: {
      producer: metadata.producer,
      graphName: metadata.graphName,
      domain: metadata.domain,
      description: metadata.description,
      modelVersion: metadata.version,
      custom: new Map(metadata.custom),
      dimensionNames,
    },
    memoryBytes,
  };
}

function toRunnable({ inputs }: HostedSession, facts: LoadedFacts): RunnableSession {
  const known = [...facts.inputs, ...facts.optionalInputs];
  return {
    place: facts.place,
    inputs: inputs.map(({ name }) => {
      const position = known.findIndex((spec) => spec.name === name);
      return { type: known[position]!.type, position };
    }),
    outputs: facts.outputs.map(({ type }) => type),
    outputBytes: [],
  };
}

function toSpec({ name, type, shape }: OrtValueSpec): TensorSpec {
  const datatype: Datatype | undefined = datatypeOfOnnx(elementTypeName(type));
  if (datatype === undefined) {
    const problem = `'${name}' has elements of ${elementTypeName(type)}, which cannot be served`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  return { name, datatype, shape };
}

/** What ONNX Runtime said is told in words of ours; its own are for the log. */
function refusedByOrt(problem: string): TributaryError {
  const { reason, message, details } = refusal('MODEL_LOAD_FAILED', { problem: loadProblem(problem) });
  return new TributaryError(reason, message, details, { cause: problem });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

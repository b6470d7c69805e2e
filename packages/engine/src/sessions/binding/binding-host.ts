import { join } from 'node:path';
import { BufferPool } from '@tributary/contract';
import type {
  HostedSession,
  InferenceLane,
  SessionHost,
  SessionHostEvents,
  SessionSource,
  TensorMemory,
} from '../session-host';
import { BindingLane } from './binding-lane';
import type { BindingSessionFacts } from './messages';

/** Program of the threads; tests put faulty ones in its place. */
export const bindingLaneScript = join(__dirname, 'binding-lane-program.js');

/** What the host is made of. */
export interface BindingHostOptions {
  readonly lanes: number;
  readonly maxOutputBytes: number;
  readonly events: SessionHostEvents;
  /** Default: the program that comes with it. */
  readonly script?: string;
}

/** Memory of inputs that is kept for others. */
const keptBytes = 64 * 2 ** 20;

/** The binding copies tensors where the other side of it wants them: any length that V8 can hold. */
const mostBytes = 2 ** 31;

/**
 * Sessions by onnxruntime-node's own binding, one a lane, on threads of this process: for machines where koffi cannot be loaded. Runs cannot
 * be stopped, weights lie in memory once a lane, a native death is the process's, and what the file says of itself cannot be read.
 */
export class BindingHost implements SessionHost {
  readonly isolation = 'thread';
  readonly isLoading = false;
  readonly takesAnyBytes = false;
  readonly lanes: readonly InferenceLane[];
  readonly trialLane: InferenceLane;
  readonly memory: TensorMemory;
  private readonly bindingLanes: readonly BindingLane[];

  constructor({ lanes, maxOutputBytes, events, script = bindingLaneScript }: BindingHostOptions) {
    const buffers = new BufferPool(keptBytes);
    this.memory = {
      mostBytes,
      take: (byteLength) => buffers.take(byteLength),
      give: (bytes) => buffers.give(bytes.buffer),
    };
    const laneEvents = {
      onChanged: () => events.onLanesChanged(),
      onDeath: (reason: string, problem: string) => events.onDeath(reason, problem),
      onSessionLost: (session: number, problem: string) => events.onSessionLost(session, problem),
    };
    this.bindingLanes = Array.from(
      { length: lanes },
      () => new BindingLane({ script, maxOutputBytes, buffers, events: laneEvents }),
    );
    this.lanes = this.bindingLanes;
    this.trialLane = this.bindingLanes[0]!;
  }

  /** Resolves when the first lane has the session; the others load it afterwards. A load cannot be given up: what it makes is released. */
  async load(source: SessionSource, signal: AbortSignal): Promise<HostedSession> {
    signal.throwIfAborted();
    const [first, ...others] = this.bindingLanes;
    const facts = await this.unlessAborted(source.session, first!.load(source), signal);
    for (const lane of others) lane.load(source).catch(() => undefined);
    return toHosted(facts);
  }

  async unload(session: number): Promise<void> {
    await Promise.all(this.bindingLanes.map((lane) => lane.unload(session)));
  }

  judgeDeath(): void {
    // A death is this process's.
  }

  kill(): boolean {
    return false;
  }

  async close(): Promise<void> {
    await Promise.all(this.bindingLanes.map((lane) => lane.close()));
  }

  private unlessAborted<T>(session: number, loading: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        void loading.then(
          () => this.unload(session),
          () => undefined,
        );
      };
      signal.addEventListener('abort', onAbort, { once: true });
      loading.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }
}

function toHosted({ inputs, outputs, dimensionNames, memoryBytes }: BindingSessionFacts): HostedSession {
  const unknown = { producer: '', graphName: '', domain: '', description: '', modelVersion: '', custom: new Map() };
  return { inputs, outputs, metadata: { ...unknown, dimensionNames }, memoryBytes };
}

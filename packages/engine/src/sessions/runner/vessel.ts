import type { FromRunner, ToRunner } from './messages';

/** What a runner is started with: files and memory that outlive it, so that no descriptor is made again after a death. */
export interface RunnerParts {
  /** Descriptor of the shared memory, and its address in this process. */
  readonly memoryFile: number;
  readonly address: bigint;
  /** Descriptor that lanes ring to wake the host. */
  readonly hostBell: number;
  /** Descriptors that the host rings to wake a lane. */
  readonly laneBells: readonly number[];
}

/** What the owner of a vessel is told. */
export interface VesselEvents {
  onMessage(message: FromRunner): void;
  /**
   * The runner is gone, and none of its threads writes any more. Told once.
   * @param reason short: a signal's name, an exit code
   * @param problem its last words, for the log
   */
  onExit(reason: string, problem: string): void;
}

/** What a runner runs in: a process of its own, or a thread of this one. */
export interface Vessel {
  readonly isolation: 'process' | 'thread';
  /** Of the runner's process; undefined where it has none of its own. */
  readonly pid: number | undefined;
  /** Who is told, from now on and of what has happened. */
  attach(events: VesselEvents): void;
  /** Messages to a runner that is gone are lost. */
  send(message: ToRunner): void;
  /** Ends the runner whatever it does. False: that cannot be done. */
  kill(): boolean;
  /** Stops whatever runs, because this process ends and would wait for it; where the runner does not end with it by itself. */
  stopRuns(): void;
  /** Ends the runner in good order, where nothing runs in it; onExit tells of it. */
  close(): void;
}

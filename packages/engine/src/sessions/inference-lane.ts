import type { Run } from './session-lane';

/** Where sessions live and run, one run at a time: a thread (SessionLane) or the event loop (InlineLane). */
export interface InferenceLane {
  /** True: a run holds the event loop. */
  readonly isInline: boolean;
  readonly isFree: boolean;
  holds(session: number): boolean;
  /** Holds the session, or will when its thread is as it was. */
  expects(session: number): boolean;
  /** What the lane is in, and for how long; undefined: nothing that could be stuck. */
  busy(nowMs: number): { session: number; forMs: number } | undefined;
  /** Starts a run; only on a free lane that holds the session. */
  start(run: Run): void;
  /** Fails what the lane was doing, because it will never end. */
  giveUp(): void;
  close(): Promise<void>;
}

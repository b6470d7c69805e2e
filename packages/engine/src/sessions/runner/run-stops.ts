import { check, made, ort } from '../ort/ort-library';
import { maxLanes } from './layout';

/** Memory of RunStops. */
export interface RunStopsMemory {
  readonly states: SharedArrayBuffer;
  readonly options: SharedArrayBuffer;
}

/**
 * Stops runs of ONNX Runtime from another thread than theirs. A lane has one RunOptions for its life; who stops a run names its number,
 * so that a run which has ended is never mistaken for the next. Memory of the runner's own, shared by its threads.
 */
export class RunStops {
  private readonly states: Int32Array;
  private readonly options: BigUint64Array;

  /** @param memory of `RunStops.allocate` */
  constructor(memory: RunStopsMemory) {
    this.states = new Int32Array(memory.states);
    this.options = new BigUint64Array(memory.options);
  }

  static allocate(): RunStopsMemory {
    return { states: new SharedArrayBuffer(4 * maxLanes), options: new SharedArrayBuffer(8 * maxLanes) };
  }

  /** Makes the lane's RunOptions; on the lane's thread, before its first run. @returns their address */
  open(lane: number): bigint {
    const { api } = ort();
    const options = made((to) => api.CreateRunOptions(to));
    const fatalOnly = 4;
    check(api.RunOptionsSetRunLogSeverityLevel(options, fatalOnly));
    this.options[lane] = options;
    return options;
  }

  /** The lane's run begins. */
  enter(lane: number, seq: number): void {
    Atomics.store(this.states, lane, seq);
  }

  /** The lane's run has ended; on the lane's thread. @returns whether somebody stopped it: then `open` has to be called again */
  leave(lane: number, seq: number): boolean {
    if (Atomics.compareExchange(this.states, lane, seq, idle) === seq) return false;
    // Whoever stops the run is inside of SetTerminate, for some nanoseconds.
    while (Atomics.load(this.states, lane) !== hasBeenStopped);
    ort().api.ReleaseRunOptions(this.options[lane]);
    Atomics.store(this.states, lane, idle);
    return true;
  }

  /** Ends the run of that number at the next node of its graph; does nothing where it has ended. */
  stop(lane: number, seq: number): void {
    if (Atomics.compareExchange(this.states, lane, seq, isBeingStopped) !== seq) return;
    check(ort().api.RunOptionsSetTerminate(this.options[lane]));
    Atomics.store(this.states, lane, hasBeenStopped);
  }

  /** Ends whatever the lane runs. */
  stopAny(lane: number): void {
    const seq = Atomics.load(this.states, lane);
    if (seq > idle) this.stop(lane, seq);
  }
}

/** States of a lane besides the number of its run, which is above 0. */
const idle = 0;
const isBeingStopped = -1;
const hasBeenStopped = -2;

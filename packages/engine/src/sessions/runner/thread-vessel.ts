import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { maxLanes } from './layout';
import type { FromRunner, ToRunner } from './messages';
import { RunStops } from './run-stops';
import type { RunnerData } from './runner-program';
import type { RunnerParts, Vessel, VesselEvents } from './vessel';

/** A runner on a thread of this process: the same memory and the same doorbells, and a native death that is everybody's. */
export class ThreadVessel implements Vessel {
  readonly isolation = 'thread';
  readonly pid = undefined;
  private readonly worker: Worker;
  private readonly stops: RunStops;
  private events: VesselEvents | undefined;

  constructor({ address, hostBell, laneBells }: RunnerParts) {
    const stops = RunStops.allocate();
    const data: RunnerData = { address, hostBell, laneBells, stops };
    this.stops = new RunStops(stops);
    this.worker = new Worker(join(__dirname, 'runner-program.js'), { workerData: data, env: SHARE_ENV });
    let problem = '';
    this.worker.on('message', (message: FromRunner) => this.events?.onMessage(message));
    this.worker.on('error', (error: unknown) => {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.worker.on('exit', (code) => this.events?.onExit(`exit code ${code}`, problem));
  }

  attach(events: VesselEvents): void {
    this.events = events;
  }

  send(message: ToRunner): void {
    this.worker.postMessage(message);
  }

  kill(): boolean {
    return false;
  }

  stopRuns(): void {
    for (let lane = 0; lane < maxLanes; lane++) this.stops.stopAny(lane);
  }

  close(): void {
    // Never terminated: to end a thread inside of ONNX Runtime is the end of the process.
    this.send({ kind: 'close' });
  }
}

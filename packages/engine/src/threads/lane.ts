import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { ResourceLimits, Transferable } from 'node:worker_threads';

/** What a lane's owner is told. */
export interface LaneEvents<Received> {
  onMessage(message: Received): void;
  /** The thread ended without being asked to. Everything it was doing is lost. */
  onDeath(reason: string, problem: string): void;
  /** A new thread took the place of a dead one and waits for messages; it knows nothing of what the old one was told. */
  onRestart(): void;
}

/** Shortest and longest time between the death of a thread and its replacement; doubled by each death in a row. */
const minRestartDelayMs = 100;
const maxRestartDelayMs = 10_000;

/**
 * A worker thread that is started when it is woken and replaced when it dies. A session lane is never terminated: ending a thread inside a run of ONNX
 * Runtime ends the whole process.
 */
export class Lane<Sent, Received> {
  private worker: Worker | undefined;
  private deathsInARow = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private isAwake = false;
  private isClosing = false;
  private readonly ended: Promise<void>;
  private resolveEnded!: () => void;

  /**
   * @param script absolute path of the thread's program
   * @param workerData given to the thread
   * @param resourceLimits of the thread's JavaScript heap
   */
  constructor(
    private readonly script: string,
    private readonly workerData: unknown,
    private readonly events: LaneEvents<Received>,
    private readonly resourceLimits: ResourceLimits = {},
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  /**
   * Starts the thread, where that has not been done: threads that start together hold each other up, and the first model waits.
   * @returns whether it did
   */
  wake(): boolean {
    if (this.isAwake || this.isClosing) return false;
    this.isAwake = true;
    this.start();
    return true;
  }

  /** False before `wake` and between a death and the replacement. */
  get isUp(): boolean {
    return this.worker !== undefined;
  }

  /** Sends a message; `moved` buffers change owner. Lost where the thread is dead: onDeath told of it. */
  post(message: Sent, moved: readonly Transferable[] = []): void {
    this.worker?.postMessage(message, moved);
  }

  /** The thread did something useful: the next death is the first of its kind. */
  reportSuccess(): void {
    this.deathsInARow = 0;
  }

  /** Ends a thread that is caught in JavaScript; told of as a death. Never for a thread that may be inside ONNX Runtime. */
  terminate(): void {
    void this.worker?.terminate();
  }

  /** Sends the last message, which must make the thread end by itself, and waits for that. */
  close(lastMessage: Sent): Promise<void> {
    if (!this.isClosing) {
      this.isClosing = true;
      clearTimeout(this.restartTimer);
      if (this.worker === undefined) this.resolveEnded();
      else this.post(lastMessage);
    }
    return this.ended;
  }

  private start(): void {
    // Shared, so that what turns telemetry off is in the environment the native library reads.
    const worker = new Worker(this.script, {
      workerData: this.workerData,
      env: SHARE_ENV,
      resourceLimits: this.resourceLimits,
    });
    this.worker = worker;
    let problem = '';
    worker.on('message', (message: Received) => this.events.onMessage(message));
    worker.on('error', (error: unknown) => {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', (code) => this.ends(code, problem));
  }

  private ends(code: number, problem: string): void {
    this.worker = undefined;
    if (this.isClosing) {
      this.resolveEnded();
      return;
    }
    const delayMs = Math.min(maxRestartDelayMs, minRestartDelayMs * 2 ** this.deathsInARow++);
    this.restartTimer = setTimeout(() => {
      this.start();
      this.events.onRestart();
    }, delayMs);
    this.events.onDeath(problem === '' ? `exit code ${code}` : (problem.split('\n', 1)[0] ?? ''), problem);
  }
}

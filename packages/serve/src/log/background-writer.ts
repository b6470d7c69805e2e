import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';

/** Text that waits at most, in UTF-16 units; what comes beyond it is dropped. */
const maxWaitingLength = 4 * 2 ** 20;

/** Text of one write. */
const maxWriteLength = 64 * 2 ** 10;

/** From one attempt to the next on a pipe that is full and does not wait. */
const retryDelayMs = 50;

/**
 * Writes lines to a file descriptor in a thread of libuv, one write at a time, in order. A reader who does not read holds up
 * nobody: lines wait, and once too much waits new ones are dropped and counted. (process.stdout writes to pipes in the calling
 * thread, and so blocks with a full one.) What must be out before the process goes on is written by `flush`, in the calling thread.
 */
export class BackgroundWriter {
  private waiting: string[] = [];
  private waitingLength = 0;
  private inWrite: Buffer | undefined;
  /** What of a flush did not fit into a pipe: goes before what waits. */
  private rest: Buffer | undefined;
  /** Where flush writes. */
  private syncFd: number | undefined;
  /** The next write begins in this turn of the event loop, after whoever logs. */
  private scheduled = false;
  private idle: (() => void)[] = [];
  private ownDropped = 0;
  private broken = false;

  constructor(private readonly fd: number) {}

  /** Lines that were dropped so far. */
  get dropped(): number {
    return this.ownDropped;
  }

  write(line: string): void {
    if (this.broken) return;
    if (this.waitingLength + line.length > maxWaitingLength) {
      this.ownDropped += 1;
      return;
    }
    this.waiting.push(line);
    this.waitingLength += line.length;
    if (this.inWrite !== undefined || this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      if (this.inWrite === undefined) this.writeNext();
    });
  }

  /**
   * Writes the lines that wait in the calling thread, before it returns: what is logged before something that may end the process must
   * not end with it. Lines that are in a write already may come after them. Where a pipe is full they go on waiting.
   * @param onDone pino's; called at once
   */
  flush(onDone?: () => void): void {
    this.syncFd ??= openWithoutWaiting(this.fd);
    let bytes = this.rest ?? this.takeWaiting();
    this.rest = undefined;
    try {
      while (bytes !== undefined && !this.broken) {
        bytes = bytes.subarray(writeSync(this.syncFd, bytes));
        if (bytes.length === 0) bytes = this.takeWaiting();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') this.rest = bytes;
      else this.break();
    }
    onDone?.();
  }

  /** Resolves to true when all is written (or nobody can read it any more), to false when that takes longer. */
  drained(timeoutMs: number): Promise<boolean> {
    if (this.inWrite === undefined && this.waiting.length === 0 && this.rest === undefined)
      return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  private writeNext(): void {
    const bytes = this.rest ?? this.takeWaiting();
    this.rest = undefined;
    this.inWrite = bytes;
    if (bytes === undefined) this.becomeIdle();
    else this.continue();
  }

  /** As many of the lines that wait as go into one write; undefined: there are none. */
  private takeWaiting(): Buffer | undefined {
    let length = 0;
    let count = 0;
    while (count < this.waiting.length && (count === 0 || length < maxWriteLength))
      length += this.waiting[count++]!.length;
    if (count === 0) return undefined;
    this.waitingLength -= length;
    return Buffer.from(this.waiting.splice(0, count).join(''));
  }

  private continue(): void {
    write(this.fd, this.inWrite!, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.continue(), retryDelayMs);
      else if (error !== null) this.break();
      else {
        this.inWrite = this.inWrite!.subarray(written);
        if (this.inWrite.length > 0) this.continue();
        else this.writeNext();
      }
    });
  }

  /** The reader is gone for good. */
  private break(): void {
    this.broken = true;
    this.waiting = [];
    this.rest = undefined;
    this.becomeIdle();
  }

  private becomeIdle(): void {
    this.inWrite = undefined;
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

/** The same pipe by a descriptor of its own that never waits for its reader; whatever else it is, as it is. */
function openWithoutWaiting(fd: number): number {
  try {
    if (fstatSync(fd).isFIFO()) return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Not where processes may not open their own descriptors.
  }
  return fd;
}

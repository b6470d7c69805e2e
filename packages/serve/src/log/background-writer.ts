import { write } from 'node:fs';

/** Text that waits at most, in UTF-16 units; what comes beyond it is dropped. */
const maxWaitingLength = 4 * 2 ** 20;

/** Text of one write. */
const maxWriteLength = 64 * 2 ** 10;

/** From one attempt to the next on a pipe that is full and does not wait. */
const retryDelayMs = 50;

/**
 * Writes lines to a file descriptor in a thread of libuv, one write at a time, in order. A reader who does not read holds up
 * nobody: lines wait, and once too much waits new ones are dropped and counted. (process.stdout writes to pipes in the calling
 * thread, and so blocks with a full one.)
 */
export class BackgroundWriter {
  #waiting: string[] = [];
  #waitingLength = 0;
  #inWrite: Buffer | undefined;
  #idle: (() => void)[] = [];
  #dropped = 0;
  #broken = false;

  constructor(private readonly fd: number) {}

  /** Lines that were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#broken) return;
    if (this.#waitingLength + line.length > maxWaitingLength) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    if (this.#inWrite === undefined) this.#writeNext();
  }

  /** Resolves to true when all is written (or nobody can read it any more), to false when that takes longer. */
  flush(timeoutMs: number): Promise<boolean> {
    if (this.#inWrite === undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #writeNext(): void {
    let length = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || length < maxWriteLength))
      length += this.#waiting[count++]!.length;
    if (count === 0) {
      this.#becomeIdle();
      return;
    }
    this.#waitingLength -= length;
    this.#inWrite = Buffer.from(this.#waiting.splice(0, count).join(''));
    this.#continue();
  }

  #continue(): void {
    write(this.fd, this.#inWrite!, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#continue(), retryDelayMs);
      else if (error !== null) this.#break();
      else {
        this.#inWrite = this.#inWrite!.subarray(written);
        if (this.#inWrite.length > 0) this.#continue();
        else this.#writeNext();
      }
    });
  }

  /** The reader is gone for good. */
  #break(): void {
    this.#broken = true;
    this.#waiting = [];
    this.#becomeIdle();
  }

  #becomeIdle(): void {
    this.#inWrite = undefined;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

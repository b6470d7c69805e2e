import { setImmediate as nextTurn } from 'node:timers/promises';

/** What happens within so much virtual time counts as happening at once. */
const stepMs = 0.5;

interface Due {
  readonly atMs: number;
  readonly happen: () => void;
}

/** Time that passes as fast as what happens in it can be worked off, in the same order every time. */
export class VirtualTime {
  nowMs = 0;
  /** A binary heap: the next one first. */
  private readonly due: Due[] = [];

  after(delayMs: number, happen: () => void): void {
    const due = this.due;
    const atMs = this.nowMs + delayMs;
    let place = due.length;
    for (let parent = (place - 1) >> 1; place > 0 && due[parent]!.atMs > atMs; parent = (place - 1) >> 1) {
      due[place] = due[parent]!;
      place = parent;
    }
    due[place] = { atMs, happen };
  }

  /** Lets so much time pass. After each step whatever it set off in the code under test has run to its end. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.nowMs + durationMs;
    for (let first = this.due[0]; first !== undefined && first.atMs <= endMs; first = this.due[0]) {
      const stepEndMs = Math.min(endMs, first.atMs + stepMs);
      while (this.due.length > 0 && this.due[0]!.atMs <= stepEndMs) {
        const { atMs, happen } = this.take();
        this.nowMs = atMs;
        happen();
      }
      await nextTurn();
    }
    this.nowMs = endMs;
  }

  private take(): Due {
    const due = this.due;
    const first = due[0]!;
    const last = due.pop()!;
    if (due.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < due.length && due[child + 1]!.atMs < due[child]!.atMs) child += 1;
      if (child >= due.length || due[child]!.atMs >= last.atMs) break;
      due[place] = due[child]!;
      place = child;
    }
    due[place] = last;
    return first;
  }
}

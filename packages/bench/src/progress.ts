/** Where progress is written. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const barWidth = 24;

/** A bar on a terminal, plain lines elsewhere. Writes to standard error, so that standard output holds the result alone. */
export class Progress {
  private readonly output: ProgressOutput;
  private label = '';
  private steps = 1;
  private done = 0;
  private startedAt = 0;
  private readonly now: () => number;

  /** @param now milliseconds on a clock that only rises */
  constructor(output: ProgressOutput, now: () => number = () => performance.now()) {
    this.output = output;
    this.now = now;
  }

  /** Begins a piece of work of so many steps. */
  start(label: string, steps: number): void {
    this.label = label;
    this.steps = steps;
    this.done = 0;
    this.startedAt = this.now();
    this.show('');
  }

  /** Says what is going on, without a step. */
  note(text: string): void {
    this.show(text);
  }

  /** One more step is done. */
  step(text: string): void {
    this.done = Math.min(this.done + 1, this.steps);
    this.show(text);
  }

  /** Ends the piece of work; the bar makes room. */
  end(): void {
    if (this.output.isTTY === true) this.output.write('\r\u001b[K');
  }

  private show(text: string): void {
    if (this.output.isTTY !== true) {
      this.output.write(`${this.label} ${this.done}/${this.steps}${text === '' ? '' : `  ${text}`}\n`);
      return;
    }
    const filled = Math.round((this.done / this.steps) * barWidth);
    const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled);
    const line = `${this.label} [${bar}] ${this.done}/${this.steps}${this.timeLeft()} ${text}`;
    this.output.write(`\r\u001b[K${line.slice(0, (this.output.columns ?? 80) - 1)}`);
  }

  /** As long as the steps done took, for each of those to come. */
  private timeLeft(): string {
    if (this.done === 0 || this.done === this.steps) return '';
    const seconds = ((this.now() - this.startedAt) / this.done / 1000) * (this.steps - this.done);
    return seconds < 1 ? '' : `, ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left`;
  }
}

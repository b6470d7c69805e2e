import type { WriteStream } from 'node:tty';

/** What a person sees: lines, and one bar at the bottom while something takes long. */
export interface Screen {
  /** A finished line. */
  line(text: string): void;
  /** A warning or error, set apart. */
  warn(text: string): void;
  /** The bar; each call replaces the last one. On anything but a terminal it is a line whenever `note` changes. */
  progress(title: string, done: number, total: number, note: string): void;
  /** Takes the bar away. */
  clear(): void;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** A screen on `stream`; colours and bars only on a terminal (and not where CI or NO_COLOR is set). */
export function createScreen(stream: Pick<WriteStream, 'write'> & { isTTY?: boolean }, plain: boolean): Screen {
  const terminal = stream.isTTY === true && !plain;
  const wipe = terminal ? '\r\x1b[K' : '';
  let lastNote = '';
  let barShown = false;
  const paint = (code: number) => (text: string) => (terminal ? `\x1b[${code}m${text}\x1b[0m` : text);
  const clear = (): void => {
    if (barShown) stream.write(wipe);
    barShown = false;
  };
  return {
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    warn(text) {
      clear();
      stream.write(`${paint(33)(text)}\n`);
    },
    progress(title, done, total, note) {
      if (terminal) {
        const share = total > 0 ? Math.min(1, done / total) : 0;
        const bar = '━'.repeat(Math.round(share * 24)).padEnd(24, '╌');
        stream.write(`${wipe}${title.padEnd(24)} ${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${note}`);
        barShown = true;
      } else if (note !== lastNote) {
        stream.write(`${title}: ${note}\n`);
      }
      lastNote = note;
    },
    clear,
    bold: paint(1),
    dim: paint(2),
  };
}

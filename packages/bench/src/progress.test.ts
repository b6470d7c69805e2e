import { describe, expect, it } from '@jest/globals';
import { Progress } from './progress';

function record(terminal: boolean, now = () => 0): { written: string[]; progress: Progress } {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY: terminal, columns: 60 };
  return { written, progress: new Progress(output, now) };
}

describe('Progress', () => {
  it('redraws one line on a terminal and clears it at the end', () => {
    const { written, progress } = record(true);
    progress.start('small', 2);
    progress.step('first');
    progress.end();
    expect(written[1]).toBe('\r\u001b[Ksmall [############............] 1/2 first');
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(written.join('')).not.toContain('\n');
  });

  it('says how long it takes yet, by how long it took until now', () => {
    let milliseconds = 0;
    const { written, progress } = record(true, () => milliseconds);
    progress.start('small', 4);
    milliseconds = 3000;
    progress.step('');
    expect(written.at(-1)).toContain('] 1/4, 9 s left ');
    milliseconds = 120_000;
    progress.step('');
    expect(written.at(-1)).toContain('] 2/4, 2 min left ');
  });

  it('never writes more than the terminal is wide', () => {
    const { written, progress } = record(true);
    progress.start('x'.repeat(100), 1);
    expect(written[0]!.replace('\r\u001b[K', '')).toHaveLength(59);
  });

  it('writes plain lines elsewhere', () => {
    const { written, progress } = record(false);
    progress.start('small', 2);
    progress.step('first');
    progress.end();
    expect(written).toEqual(['small 0/2\n', 'small 1/2  first\n']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackgroundWriter } from './background-writer';

describe('BackgroundWriter', () => {
  it('writes every line in order, many in one write', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'log-')), 'log');
    const fd = openSync(path, 'w');
    const writer = new BackgroundWriter(fd);
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ü\n`);
    for (const line of lines) writer.write(line);
    expect(await writer.flush(10_000)).toBe(true);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(writer.dropped).toBe(0);
  });

  it('drops and counts what exceeds its bound', async () => {
    const fd = openSync(join(mkdtempSync(join(tmpdir(), 'log-')), 'log'), 'w');
    const writer = new BackgroundWriter(fd);
    // Nothing is written before this turn of the event loop ends.
    for (let count = 0; count < 6; count += 1) writer.write('x'.repeat(2 ** 20));
    expect(writer.dropped).toBe(1);
    expect(await writer.flush(10_000)).toBe(true);
    closeSync(fd);
  });

  it('gives up where nobody can read any more', async () => {
    const fd = openSync('/dev/full', 'w');
    const writer = new BackgroundWriter(fd);
    writer.write('lost\n');
    expect(await writer.flush(10_000)).toBe(true);
    closeSync(fd);
  });
});

describe('a pretty log', () => {
  it('case 59: shows hostile text on one line, escaped', () => {
    const script = `
      const { createLog } = require(${JSON.stringify(join(__dirname, 'create-log.js'))});
      const { log } = createLog({ name: 'demo', logLevel: 'info', logFormat: 'pretty' });
      log.info({ details: 'evil\\n[12:00:00] FATAL: forged\\u001b[31m' }, 'call refused');`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stdout).toContain('call refused');
    expect(stdout.split('\n').some((line) => line.startsWith('[12:00:00]'))).toBe(false);
    expect(stdout).not.toContain('\u001b[31m');
  });
});

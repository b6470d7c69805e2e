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
    expect(await writer.drained(10_000)).toBe(true);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(writer.dropped).toBe(0);
  });

  it('drops and counts what exceeds its bound', async () => {
    const fd = openSync(join(mkdtempSync(join(tmpdir(), 'log-')), 'log'), 'w');
    const writer = new BackgroundWriter(fd);
    // Nothing is written before this turn of the event loop ends.
    for (let count = 0; count < 6; count += 1) writer.write('x'.repeat(2 ** 20));
    expect(writer.dropped).toBe(2);
    expect(await writer.drained(10_000)).toBe(true);
    closeSync(fd);
  });

  it('has written what was logged when flush returns, whatever ends the process then', () => {
    const script = `
      const { createLog } = require(${JSON.stringify(join(__dirname, 'create-log.js'))});
      const { log } = createLog({ name: 'demo', logLevel: 'info', logFormat: 'json' });
      log.info('loading a');
      log.info('loading b');
      log.flush();
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout, signal } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(signal).toBe('SIGKILL');
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['loading a', 'loading b']);
  });

  it('does not wait in flush for a reader who does not read, and writes the rest once he does', () => {
    const gate = join(mkdtempSync(join(tmpdir(), 'log-')), 'gate');
    const script = `
      const { BackgroundWriter } = require(${JSON.stringify(join(__dirname, 'background-writer.js'))});
      const writer = new BackgroundWriter(1);
      for (let line = 0; line < 4000; line += 1) writer.write('line ' + line + ' ' + 'ü'.repeat(50) + '\\n');
      writer.flush();
      require('node:fs').writeFileSync(process.argv[1], 'flushed\\n');
      void writer.drained(10_000);`;
    // Nobody reads before flush has returned.
    const pipeline = 'mkfifo "$2"; "$0" -e "$1" "$2" | { read line < "$2"; echo "$line"; cat; }';
    const { stdout } = spawnSync('sh', ['-c', pipeline, process.execPath, script, gate], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    const lines = Array.from({ length: 4000 }, (_, line) => `line ${line} ${'ü'.repeat(50)}`);
    expect(stdout.trim().split('\n')).toEqual(['flushed', ...lines]);
  });

  it('writes what flush left, and no line twice', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'log-')), 'log');
    const fd = openSync(path, 'w');
    const writer = new BackgroundWriter(fd);
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}\n`);
    for (const [index, line] of lines.entries()) {
      writer.write(line);
      if (index % 3 === 0) writer.flush();
      if (index % 50 === 0) await writer.drained(10_000);
    }
    expect(await writer.drained(10_000)).toBe(true);
    closeSync(fd);
    expect(readFileSync(path, 'utf8').split('\n').sort()).toEqual([...lines.map((line) => line.trim()), ''].sort());
  });

  it('gives up where nobody can read any more', async () => {
    const fd = openSync('/dev/full', 'w');
    const writer = new BackgroundWriter(fd);
    writer.write('lost\n');
    expect(await writer.drained(10_000)).toBe(true);
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

import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a process with an early log has on stdout when it is killed without warning. */
function stdoutOf(script: string, settings = { logLevel: 'info', logFormat: 'json' }): string {
  const log = `new (require(${JSON.stringify(join(__dirname, '../early-log.js'))}).EarlyLog)('nlp', ${JSON.stringify(settings)})`;
  const source = `const log = ${log};\n${script}\nprocess.kill(process.pid, 'SIGKILL');`;
  const { stdout, signal } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' });
  expect(signal).toBe('SIGKILL');
  return stdout;
}

describe('the log of an engine before its process has one', () => {
  it('is written at once where it is flushed: a load that ends the process has been announced', () => {
    const line = stdoutOf(`log.info({ model: 'm', version: '1' }, 'loading m (1 of 2)'); log.flush();`);
    expect(JSON.parse(line)).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      name: 'nlp',
      model: 'm',
      version: '1',
      msg: 'loading m (1 of 2)',
    });
  });

  it('obeys level and format', () => {
    const script = `log.info({ model: 'm' }, 'loading m'); log.warn({ err: new Error('no') }, 'odd'); log.flush();`;
    const [line, ...rest] = stdoutOf(script, { logLevel: 'warn', logFormat: 'json' }).trim().split('\n');
    expect([JSON.parse(line!), rest]).toMatchObject([{ level: 40, msg: 'odd', err: { message: 'no' } }, []]);
    expect(stdoutOf(script, { logLevel: 'fatal', logFormat: 'json' })).toBe('');
    expect(stdoutOf(script, { logLevel: 'info', logFormat: 'pretty' })).toMatch(/INFO: loading m \{"model":"m"\}/);
  });

  it('hands over what was not written, each line once, and flushes the log that follows', () => {
    const script = `
      const said = [];
      const write = (level) => (fields, message) => said.push(level + ' ' + message);
      log.info({}, 'written');
      log.flush();
      log.info({}, 'held');
      log.attach({ info: write('info'), warn: write('warn'), error: write('error'), flush: () => said.push('flush') });
      log.error({}, 'after');
      log.flush();
      require('node:fs').writeSync(1, said.join(', '));`;
    expect(stdoutOf(script).split('\n')[1]).toBe('info held, error after, flush');
  });
});

import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSettings } from './define-settings';
import { loadSettings, settingsForLog } from './load-settings';
import { renderSettingsMarkdown } from './render-settings';
import {
  byteSize,
  choice,
  duration,
  formatBytes,
  formatDuration,
  integer,
  list,
  number,
  text,
  toggle,
} from './setting';

const definition = defineSettings({
  name: 'demo',
  summary: 'For tests.',
  shape: {
    title: text({ default: 'none', doc: 'A text.' }),
    maxDelayMs: duration({ max: 10_000 }, { default: '5ms', doc: 'A time.' }),
    bufferBytes: byteSize({}, { default: '64KiB', doc: 'A size.' }),
    strict: toggle({ default: 'false', doc: 'A switch.' }),
    upstreams: list({ default: '', doc: 'A list.' }),
    cpuBudget: number({ min: 0.1 }, { default: undefined, doc: 'A number that may be missing.' }),
    size: integer({}, { default: '1', doc: 'A whole number.' }),
    level: choice(['low', 'high'], { default: 'low', doc: 'A word | another.' }),
    token: text({ default: undefined, doc: 'A secret.', secret: true }),
  },
});

const load = (argv: readonly string[], env: Record<string, string> = {}) => loadSettings(definition, { argv, env });

describe('settings', () => {
  it('have their defaults, with units resolved', () => {
    expect(load([])).toEqual({
      title: 'none',
      maxDelayMs: 5,
      bufferBytes: 65_536,
      strict: false,
      upstreams: [],
      cpuBudget: undefined,
      size: 1,
      level: 'low',
      token: undefined,
    });
  });

  it('come from flags before the environment before the file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'demo.json');
    writeFileSync(file, JSON.stringify({ title: 'file', size: 2, upstreams: ['a'], strict: true }));
    const settings = load(['--title', 'flag'], { TRIBUTARY_CONFIG: file, TRIBUTARY_TITLE: 'env', TRIBUTARY_SIZE: '3' });
    expect(settings).toMatchObject({ title: 'flag', size: 3, upstreams: ['a'], strict: true });
  });

  it('come from a file with a byte order mark as from one without, and from none that is not UTF-8', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'demo.json');
    writeFileSync(file, '\ufeff{"title":"caf\u00e9"}');
    expect(load(['--config', file]).title).toBe('caf\u00e9');
    writeFileSync(file, '{"title":"caf\u00e9"}', 'latin1');
    expect(() => load(['--config', file])).toThrow('line 1 is not valid UTF-8');
  });

  it('are frozen', () => {
    expect(Object.isFrozen(load([]))).toBe(true);
  });

  it('are written with units', () => {
    expect(load(['--max-delay', '1.5s', '--buffer-bytes', '2MiB'])).toMatchObject({
      maxDelayMs: 1500,
      bufferBytes: 2 ** 21,
    });
    expect(load(['--max-delay=0', '--buffer-bytes=100'])).toMatchObject({ maxDelayMs: 0, bufferBytes: 100 });
    expect([formatDuration(0), formatDuration(1500), formatDuration(7_200_000)]).toEqual(['0', '1500ms', '2h']);
    expect([formatBytes(2 ** 20), formatBytes(1500)]).toEqual(['1MiB', '1500B']);
  });

  it.each([
    '--max-delay=5',
    '--max-delay=5 minutes',
    '--max-delay=-1s',
    '--max-delay=11s',
    '--max-delay=1constructor',
    '--buffer-bytes=1.5',
    '--buffer-bytes=1mib',
    '--strict=yes',
    '--size=1.5',
    '--size=0x10',
    '--size=',
    '--cpu-budget=0',
    '--cpu-budget=NaN',
    '--level=medium',
    '--title=',
    '--upstreams=a,,b',
  ])('refuse %s', (argument) => {
    expect(() => load([argument])).toThrow(/expected .*, got "/);
  });

  it('take a switch with and without a value, and a list', () => {
    expect(load(['--strict', '--upstreams', 'a:1, b:2'])).toMatchObject({ strict: true, upstreams: ['a:1', 'b:2'] });
    expect(load(['--strict=false']).strict).toBe(false);
  });

  it('pass over what Kubernetes and our own scripts put into the environment', () => {
    expect(() =>
      load([], {
        TRIBUTARY_ROUTER_SERVICE_HOST: '10.0.0.1',
        TRIBUTARY_ROUTER_SERVICE_PORT_GRPC: '8001',
        TRIBUTARY_ROUTER_PORT: 'tcp://10.0.0.1:8001',
        TRIBUTARY_ROUTER_PORT_8001_TCP_ADDR: '10.0.0.1',
        TRIBUTARY_PYTHON: 'python3',
      }),
    ).not.toThrow();
    expect(() => load([], { TRIBUTARY_METRICS_PORT: '1' })).toThrow('unknown variable TRIBUTARY_METRICS_PORT');
  });

  it('show in the log where they are not the default, secrets masked', () => {
    const settings = load(['--token', 'very secret', '--size', '4']);
    expect(settingsForLog(definition, settings)).toEqual({ size: 4, token: '***' });
  });

  it('are documented in a table', () => {
    const markdown = renderSettingsMarkdown([definition]);
    expect(markdown).toContain(
      '| `maxDelayMs` | `--max-delay` | `TRIBUTARY_MAX_DELAY` | a time such as 5ms, 2s or 1m, at most 10s | `5ms` | A time. |',
    );
    expect(markdown).toContain('A word \\| another.');
  });

  it('that all processes have are documented once, with the default of each where they differ', () => {
    const other = defineSettings({
      name: 'other',
      summary: 'For tests too.',
      shape: { title: text({ default: 'some', doc: 'A text.' }), own: toggle({ default: 'true', doc: 'Its own.' }) },
    });
    const markdown = renderSettingsMarkdown([definition, other]);
    expect(markdown.match(/`--title`.*/g)).toEqual([
      '`--title` | `TRIBUTARY_TITLE` | text | demo `none`, other `some` | A text. |',
    ]);
    expect(markdown.indexOf('`own`')).toBeGreaterThan(markdown.indexOf('## other'));
  });
});

import { expect, it } from '@jest/globals';
import { renderRoutes, type ShownRoutes } from './render-routes';

const replica = {
  service: 'nlp',
  state: 'READY',
  hop: 'relay',
  plainReason: '',
  outstanding: 12,
  calls: 4096,
  retries: 3,
  relayedCalls: 4000,
  relayMessages: 500,
  sentBytes: 1024 * 1024,
  receivedBytes: 100,
} as const;

const shown: ShownRoutes = {
  models: [
    {
      name: 'bge',
      version: '1',
      upstreams: ['127.0.0.1:8021'],
      methods: [],
      defaultOf: ['a.b.v1.C/Embed'],
      refused: '',
    },
    { name: 'lost', version: '10', upstreams: [], methods: [], defaultOf: [], refused: '' },
    { name: 'twice', version: '1', upstreams: ['127.0.0.1:8021'], methods: [], defaultOf: [], refused: 'CONFLICT' },
  ],
  upstreams: [
    { address: '127.0.0.1:8021', ...replica },
    { address: '127.0.0.1:9000', ...replica, hop: 'plain', plainReason: 'the upstream has no relay', relayMessages: 0 },
    { address: '127.0.0.1:9001', ...replica, service: '', state: 'CONNECTING', hop: 'none', relayMessages: 0 },
  ],
};

it('shows models and upstreams as two tables', () => {
  expect(renderRoutes(shown, (text) => text)).toBe(
    [
      'models',
      'model  version  upstreams          default of',
      '─────  ───────  ─────────────────  ──────────',
      'bge          1  127.0.0.1:8021     C/Embed',
      'lost        10  none',
      'twice        1  refused: CONFLICT',
      '',
      'upstreams',
      'upstream        service  state       hop    outstanding  calls  retries  per message     sent  received  why plain',
      '──────────────  ───────  ──────────  ─────  ───────────  ─────  ───────  ───────────  ───────  ────────  ─────────────────────────',
      '127.0.0.1:8021  nlp      READY       relay           12   4096        3          8.0  1.0 MiB     100 B',
      '127.0.0.1:9000  nlp      READY       plain           12   4096        3               1.0 MiB     100 B  the upstream has no relay',
      '127.0.0.1:9001           CONNECTING                  12   4096        3               1.0 MiB     100 B',
      '',
    ].join('\n'),
  );
});

it('says so where the router knows nothing yet', () => {
  expect(renderRoutes({ models: [], upstreams: [] }, (text) => text)).toBe('models\nnone yet\n\nupstreams\nnone yet\n');
});

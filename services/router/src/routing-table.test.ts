import { describe, expect, it } from '@jest/globals';
import { UpstreamCounts, type ServedModel, type Upstream, type UpstreamState } from '@tributary/client';
import { RoutingTable } from './routing-table';

const embed = '/tributary.nlp.v1.NlpService/Embed';

function upstreamOf(service: string, models: readonly ServedModel[], state: UpstreamState = 'READY') {
  return {
    address: 'x:1',
    service,
    models,
    state,
    outstanding: 0,
    hop: 'plain',
    counts: new UpstreamCounts(),
    relayed: undefined,
    call: () => Promise.reject(new Error('not called here')),
    open: () => {
      throw new Error('not called here');
    },
  } satisfies Upstream;
}

function modelOf(name: string, version = '1', rest: Partial<ServedModel> = {}): ServedModel {
  const none = new Set<string>();
  const base = { task: '', reason: '', batching: '', methods: none, defaultOf: none, servedByDefault: true };
  return { name, version, state: 'READY', ...base, ...rest };
}

function tableOf(...upstreams: Upstream[]): RoutingTable {
  const table = new RoutingTable();
  for (const upstream of upstreams) table.update(upstream);
  return table;
}

describe('RoutingTable', () => {
  it('knows nothing to be unknown before the first upstream has spoken, nor while one is loading or not found yet', () => {
    expect(tableOf().learned).toBe(false);
    expect(tableOf(upstreamOf('', [], 'CONNECTING')).learned).toBe(false);
    expect(tableOf(upstreamOf('nlp', [], 'NOT_SERVING'), upstreamOf('image', [modelOf('m')])).learned).toBe(false);
    expect(tableOf(upstreamOf('nlp', [])).learned).toBe(true);
    let resolved = false;
    const table = new RoutingTable(() => resolved);
    table.update(upstreamOf('nlp', []));
    expect(table.learned).toBe(false);
    resolved = true;
    expect(table.learned).toBe(true);
  });

  it('keeps the models of an upstream that is away, without sending it calls', () => {
    const upstream = { ...upstreamOf('nlp', [modelOf('m')]) };
    const table = tableOf(upstream);
    expect(table.model('m')?.ready).toEqual([upstream]);
    upstream.state = 'CONNECTING';
    table.update(upstream);
    expect(table.model('m')).toMatchObject({ ready: [], conflict: false });
    table.remove(upstream);
    expect(table.model('m')).toBeUndefined();
    expect(table.list()).toEqual([]);
  });

  it('offers for a version those that have it ready, and without one those whose default is ready', () => {
    const old = upstreamOf('nlp', [modelOf('m', '1')]);
    const loading = upstreamOf('nlp', [
      modelOf('m', '1'),
      modelOf('m', '2', { state: 'LOADING', servedByDefault: false }),
    ]);
    const fresh = upstreamOf('nlp', [modelOf('m', '1', { servedByDefault: false }), modelOf('m', '2')]);
    const route = tableOf(old, loading, fresh).model('m');
    expect(route?.ready).toEqual([old, loading, fresh]);
    expect(route?.versions.get('1')?.ready).toEqual([old, loading, fresh]);
    expect(route?.versions.get('2')?.ready).toEqual([fresh]);
  });

  it('forgets a version, a model and a default as soon as nobody lists them', () => {
    const rest = { methods: new Set([embed]), defaultOf: new Set([embed]) };
    const both = [modelOf('m', '1', { ...rest, servedByDefault: false }), modelOf('m', '2', rest), modelOf('n')];
    const first = { ...upstreamOf('nlp', both) };
    const second = upstreamOf('nlp', [modelOf('n')]);
    const table = tableOf(first, second);
    const known = (): string[] => table.list().map(({ name, versions }) => `${name} ${[...versions.keys()].join(' ')}`);
    expect([known(), table.defaultOf(embed)?.ready]).toEqual([['m 1 2', 'n 1'], [first]]);
    first.models = [modelOf('m', '2')];
    table.update(first);
    expect([known(), table.defaultOf(embed)]).toEqual([['m 2', 'n 1'], undefined]);
    first.models = [];
    table.update(first);
    expect([known(), table.model('m'), table.model('n')?.ready]).toEqual([['n 1'], undefined, [second]]);
  });

  it('case 68: marks a name of two kinds as a conflict, also among defaults, until one gives it up', () => {
    const rest = { methods: new Set([embed]), defaultOf: new Set([embed]) };
    const nlp = upstreamOf('nlp', [modelOf('m', '1', rest)]);
    const image = { ...upstreamOf('image', [modelOf('m')] as readonly ServedModel[]) };
    const table = tableOf(nlp, image);
    expect(table.model('m')?.conflict).toBe(true);
    expect(table.defaultOf(embed)).toBeUndefined();
    image.models = [];
    table.update(image);
    expect(table.model('m')?.conflict).toBe(false);
    expect(table.defaultOf(embed)).toEqual({ models: new Set(['m']), ready: [nlp] });
  });

  it('has no default where services of different kinds claim one', () => {
    const rest = { methods: new Set([embed]), defaultOf: new Set([embed]) };
    const table = tableOf(upstreamOf('a', [modelOf('m', '1', rest)]), upstreamOf('b', [modelOf('n', '1', rest)]));
    expect(table.defaultOf(embed)).toBeUndefined();
  });

  it('goes once through a thousand upstreams that come at once, and once more after a change', () => {
    let reads = 0;
    const rest = { methods: new Set([embed]), defaultOf: new Set([embed]) };
    const table = new RoutingTable();
    const upstreams = Array.from({ length: 1000 }, () =>
      Object.defineProperty(upstreamOf('nlp', [modelOf('m', '1', rest)]), 'state', {
        get: () => ((reads += 1), 'READY'),
      }),
    );
    const ask = (): number => {
      reads = 0;
      expect(table.model('m')?.ready).toHaveLength(1000);
      expect(table.defaultOf(embed)?.ready).toHaveLength(1000);
      expect(table.readyOfKind('nlp')).toHaveLength(1000);
      expect(table.learned).toBe(true);
      return reads;
    };
    for (const upstream of upstreams) table.update(upstream);
    expect(reads).toBe(0);
    expect(ask()).toBeLessThanOrEqual(3000);
    expect(ask()).toBe(0);
    table.update(upstreams[500]!);
    expect(ask()).toBeLessThanOrEqual(3000);
  });

  it('offers for a kind those of it that are ready', () => {
    const nlp = { ...upstreamOf('nlp', []) };
    const table = tableOf(nlp, upstreamOf('image', []));
    expect(table.readyOfKind('nlp')).toEqual([nlp]);
    nlp.state = 'NOT_SERVING';
    table.update(nlp);
    expect(table.readyOfKind('nlp')).toEqual([]);
    expect(table.readyOfKind('text')).toEqual([]);
  });

  it('case 67: does not take in names that no call can have', () => {
    const table = tableOf(upstreamOf('nlp', [modelOf('bad name\n'), modelOf('x'.repeat(129)), modelOf('constructor')]));
    expect(table.list().map(({ name }) => name)).toEqual(['constructor']);
    expect(table.model('toString')).toBeUndefined();
  });
});

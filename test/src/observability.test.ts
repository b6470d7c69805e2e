import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadExamples, processNames, runExample, type ProcessName } from '@tributary/cli';
import { loadGolden } from './support/golden';
import { hasPrometheus, startPrometheus, type PrometheusServer, type Sample } from './support/prometheus';
import { models, root, services, useSystem } from './support/system';

const run = promisify(execFile);
const folder = join(root, 'deploy/observability');
const rules = join(folder, 'rules/tributary.yaml');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { panels } = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as { readonly panels: Panel[] };
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** Panels that stay empty while nothing bad happens and no call is traced. */
const emptyPanels = new Set([
  'Share of calls that fail',
  'Refusals a second, by reason',
  'Spans of traces a second, by outcome',
]);

if (!hasPrometheus) process.stderr.write('skipped: no Prometheus here; apt-get install prometheus\n');
const describeWithPrometheus = hasPrometheus ? describe : describe.skip;

describe('rules and dashboard', () => {
  const system = useSystem();
  const metricsOf = async (name: ProcessName): Promise<string> =>
    (await fetch(`http://127.0.0.1:${system.ports(name).metricsPort}/metrics`)).text();

  it('name only metrics that the registries of the four processes have', async () => {
    const texts = await Promise.all(processNames.map(metricsOf));
    const known = new Set(texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!)));
    const sources = [readFileSync(rules, 'utf8'), ...queries.map(([, expr]) => expr)].join('\n');
    // Series of rules have colons.
    const named = [...sources.matchAll(/(?<![\w:])(?:tributary|nv|process|nodejs)_\w+(?!\w*:)/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(30);
    const unknown = named.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
    expect(unknown).toEqual([]);
    const recorded = new Set([...sources.matchAll(/record: (\S+)/g)].map(([, name]) => name!));
    for (const [name] of sources.matchAll(/tributary:\w+:\w+/g)) expect(recorded).toContain(name);
  });

  describeWithPrometheus('by Prometheus', () => {
    let prometheus: PrometheusServer;
    let isLoaded = true;
    let load: Promise<void>;

    /** A few calls of each kind, again and again. */
    const keepCalling = async (): Promise<void> => {
      const router = system.client('router');
      const examples = loadExamples(models, services);
      const { inputs } = loadGolden('recommendation', 'movies').cases[0]!;
      while (isLoaded) {
        for (const example of examples) await runExample(router, example);
        await router.infer({ model: 'movies', inputs });
      }
    };

    beforeAll(async () => {
      const targets = processNames.map((job) => ({ job, address: `127.0.0.1:${system.ports(job).metricsPort}` }));
      prometheus = await startPrometheus(targets, rules);
      load = keepCalling();
    });
    afterAll(async () => {
      isLoaded = false;
      await load;
      await prometheus.close();
    });

    it('promtool takes the rules, and each alert fires where it should and not on a healthy system', async () => {
      await run('promtool', ['check', 'rules', rules]);
      await run('promtool', ['test', 'rules', join(folder, 'tests/alerts.yaml')]);
    });

    it.each(processNames)('promtool takes the metrics of %s; it minds only names that others gave', async (name) => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: await metricsOf(name),
        encoding: 'utf8',
      });
      // 3: the text is sound, and there are remarks.
      expect([0, 3]).toContain(status);
      const remarks = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
      expect(remarks.filter((remark) => !/^(nv_|nodejs_|process_)/.test(remark))).toEqual([]);
    });

    it.each(queries)('the dashboard has an answer for "%s": %s', async (title, expr) => {
      const asked = expr.replaceAll('$__rate_interval', '15s').replaceAll('$job', '.+');
      let samples: readonly Sample[] = await prometheus.query(asked);
      // A rate needs two scrapes of a second each.
      while (samples.length === 0 && !emptyPanels.has(title)) {
        await pause(250);
        samples = await prometheus.query(asked);
      }
      if (!emptyPanels.has(title)) expect(samples.some(({ value }) => Number.isFinite(value))).toBe(true);
    });

    it('no alert is pending or fires on a system that works', async () => {
      expect(await prometheus.query('ALERTS{alertname!~"TributaryLatency.*"}')).toEqual([]);
    });
  });
});

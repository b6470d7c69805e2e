import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { buildOverlay, chart, describeWith, environmentOf, renderChart, type KubernetesObject } from './manifests';
import { root } from './paths';

const valuesOf = (name: string): string[] => ['--values', join(chart, 'values', `${name}.yaml`)];
const isNamed = (name: string, kind: string) => (object: KubernetesObject) =>
  object.metadata.name === name && object.kind === kind;

describeWith('helm', 'kustomize').each([
  ['local', valuesOf('local')],
  ['production', valuesOf('production')],
  ['secure', [...valuesOf('production'), '--set', 'secure.enabled=true']],
])('the chart, with the values of overlay %s', (overlay, options) => {
  it('gives the same objects: names, labels and specs, to the last field', () => {
    expect(ordered(renderChart(options).map(withoutPolicy))).toEqual(ordered(buildOverlay(overlay)));
  });
});

describeWith('helm', 'kustomize')('the chart, with a component of kustomize', () => {
  it('scales by what waits in the queues as components/queue-metrics does', () => {
    const metricsOf = (objects: readonly KubernetesObject[], name: string): unknown =>
      (objects.find(isNamed(name, 'HorizontalPodAutoscaler'))?.spec as unknown as { metrics: readonly object[] })
        .metrics;
    const { patches } = parse(
      readFileSync(join(root, 'deploy/k8s/components/queue-metrics/kustomization.yaml'), 'utf8'),
    ) as { patches: readonly { patch: string }[] };
    const [{ value }] = parse(patches[0]!.patch) as [{ value: object }];
    const base = renderChart(valuesOf('production'));
    const queued = renderChart([...valuesOf('production'), '--set', 'autoscaling.queueMetrics=true']);
    for (const name of ['image', 'nlp', 'recommendation']) {
      expect(metricsOf(queued, name)).toEqual([...(metricsOf(base, name) as object[]), value]);
    }
    expect(metricsOf(queued, 'router')).toEqual(metricsOf(base, 'router'));
  });
});

describeWith('helm')('the chart', () => {
  it('passes the lint of helm', () => {
    const { status, stdout, stderr } = spawnSync('helm', ['lint', '--strict', '--kube-version', '1.34', chart], {
      encoding: 'utf8',
    });
    expect(`${stdout}${stderr}`).toContain('0 chart(s) failed');
    expect(status).toBe(0);
  });

  it('has the version of the project', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const { version: ofChart, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
      version: string;
      appVersion: string;
    };
    expect([ofChart, appVersion]).toEqual([version, version]);
  });

  it.each([
    ['a value that it does not know', 'router.replica=3', /replica/],
    ['a setting of a name that none has', 'settings.DRAIN_TIMEOUT=5s', /DRAIN_TIMEOUT/],
    ['a port, which is its own', 'settings.TRIBUTARY_GRPC_PORT=9000', /TRIBUTARY_GRPC_PORT/],
    ['a setting that YAML takes for a number', 'settings.TRIBUTARY_MAX_CALLS_IN_FLIGHT=1000000', /TRIBUTARY_MAX_CALLS/],
    ['a service with the name of the router', 'services.router.replicas=3', /router/],
    ['a service without an image', 'services.speech.replicas=3', /speech[^]*repository/],
    ['a grace that ends before the drain does', 'terminationGracePeriodSeconds=30', /at least 60/],
  ])('refuses %s, by its name', (_, value, problem) => {
    expect(() => renderChart(['--set', value])).toThrow(problem);
  });

  it('has one row for a service: the router calls it, and it gets what the others have', () => {
    const values = {
      repository: 'tributary-speech',
      replicas: 1,
      maxReplicas: 2,
      settings: { TRIBUTARY_REPOSITORY: '/m' },
    };
    const row = { ...values, resources: { requests: { cpu: '1', memory: '1Gi' } } };
    const objects = renderChart(['--set-json', `services.speech=${JSON.stringify(row)}`, '--set', 'services.nlp=null']);
    expect(environmentOf(objects, 'router')['TRIBUTARY_UPSTREAMS']).toBe('image:8001,recommendation:8001,speech:8001');
    expect(environmentOf(objects, 'speech')['TRIBUTARY_REPOSITORY']).toBe('/m');
    const kindsOf = (name: string): string[] =>
      objects
        .filter(({ metadata }) => metadata.name === name)
        .map(({ kind }) => kind)
        .sort();
    expect(kindsOf('speech')).toEqual(kindsOf('image'));
    expect(kindsOf('nlp')).toEqual([]);
  });

  it('rolls pods out when their settings change, and those of one process alone where the settings are its own', () => {
    const templates = (options: readonly string[]): Map<string, unknown> =>
      new Map(
        renderChart(options)
          .filter(({ kind }) => kind === 'Deployment')
          .map(({ metadata, spec }) => [metadata.name, spec.template]),
      );
    const before = templates([]);
    const changed = (options: readonly string[]): string[] =>
      [...templates(options)]
        .filter(([name, template]) => JSON.stringify(template) !== JSON.stringify(before.get(name)))
        .map(([name]) => name)
        .sort();
    expect(changed(['--set', 'settings.TRIBUTARY_LOG_LEVEL=debug'])).toEqual([...before.keys()].sort());
    expect(changed(['--set', 'router.settings.TRIBUTARY_HOP=plain'])).toEqual(['router']);
  });
});

/** Without the annotation by which Helm leaves ConfigMaps of earlier revisions where they are; kustomize does so anyway. */
function withoutPolicy(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'ConfigMap') return object;
  const { annotations, ...metadata } = object.metadata;
  expect(annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  return { ...object, metadata };
}

/** By kind and name, and what Kubernetes keeps as a map by a key of its own, by that key: in neither does the order say anything. */
function ordered(objects: readonly KubernetesObject[]): Record<string, KubernetesObject> {
  const entries = objects.map((object) => {
    const copy = structuredClone(object);
    if (copy.kind === 'Deployment') {
      const { containers, volumes } = copy.spec.template.spec;
      sortBy(volumes, 'name');
      for (const { volumeMounts } of containers) sortBy(volumeMounts, 'mountPath');
    }
    return [`${copy.kind} ${copy.metadata.name}`, copy] as const;
  });
  return Object.fromEntries(entries);
}

function sortBy<Key extends string>(list: readonly Readonly<Record<Key, string>>[], key: Key): void {
  (list as Readonly<Record<Key, string>>[]).sort((one, other) => (one[key] < other[key] ? -1 : 1));
}

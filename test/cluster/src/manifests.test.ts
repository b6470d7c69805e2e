import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import {
  buildOverlay,
  containerOf,
  describeWith,
  environmentOf,
  podOf,
  type Container,
  type KubernetesObject,
} from './manifests';
import { root } from './paths';

const services = ['image', 'nlp', 'recommendation', 'router'];
const overlays = readdirSync(join(root, 'deploy/k8s/overlays'));

/** From a name's change to the last router that knows: CoreDNS keeps answers about Services for this long. */
const dnsTtlSeconds = 5;
/** In which a process ends by its own hand after its drain (packages/serve/src/process). */
const closeSeconds = 10;

describeWith('kustomize').each(overlays)('overlay %s', (overlay) => {
  let objects: readonly KubernetesObject[];
  beforeAll(() => {
    objects = buildOverlay(overlay);
  });

  const ofKind = (kind: string): readonly KubernetesObject[] => objects.filter((object) => object.kind === kind);
  const deployments = (): readonly KubernetesObject[] => ofKind('Deployment');
  const container = (name: string): Container => containerOf(objects, name);
  const settings = (name: string): Record<string, string> => environmentOf(objects, name);

  it('has every service, with a disruption budget and a headless Service whose selectors find its pods', () => {
    expect(
      deployments()
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(services);
    for (const { metadata, spec } of deployments()) {
      const { labels } = spec.template.metadata;
      const budget = ofKind('PodDisruptionBudget').find(({ metadata: { name } }) => name === metadata.name)!;
      const headless = ofKind('Service').filter((service) => service.spec.clusterIP === 'None');
      expect(labels).toMatchObject(budget.spec.selector!['matchLabels'] as object);
      expect(headless.filter((service) => fits(labels, service.spec.selector as Record<string, string>))).toHaveLength(
        1,
      );
    }
  });

  it.each(services)('%s: settings are ones that its process knows', (name) => {
    const program = join(root, 'services', name, 'dist/main.js');
    const help = spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).stdout;
    for (const variable of Object.keys(settings(name))) expect(help).toContain(variable);
  });

  it.each(services)(
    '%s: a pod that ends outlives what callers know of it, its longest call and its own drain',
    (name) => {
      const { terminationGracePeriodSeconds } = podOf(objects, name);
      const preStop = container(name).lifecycle.preStop.sleep.seconds;
      const seconds = (variable: string): number => Number(/^(\d+)s$/.exec(settings(name)[variable] ?? '')?.[1]);
      const drain = seconds('TRIBUTARY_DRAIN_TIMEOUT');
      const resolve = Number.parseInt(settings('router')['TRIBUTARY_RESOLVE_INTERVAL']!, 10);
      expect(preStop).toBeGreaterThan(resolve + dnsTtlSeconds);
      expect(drain).toBeGreaterThan(seconds('TRIBUTARY_DRAIN_DELAY') + seconds('TRIBUTARY_MAX_DEADLINE'));
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop + drain + closeSeconds);
    },
  );

  it.each(services)('%s: probes ask the health service by name, on the port that the process listens on', (name) => {
    const port = Number(settings(name)['TRIBUTARY_PROBE_PORT'] ?? settings(name)['TRIBUTARY_GRPC_PORT']);
    const { startupProbe, readinessProbe, livenessProbe } = container(name);
    expect([startupProbe.grpc, readinessProbe.grpc]).toEqual([0, 1].map(() => ({ port, service: 'readiness' })));
    expect(livenessProbe.grpc).toEqual({ port, service: 'liveness' });
  });

  it.each(services)('%s: runs without rights, on a root that it cannot write, within bounds', (name) => {
    const pod = podOf(objects, name);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container(name).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container(name).resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
    expect(container(name).resources.limits).toMatchObject({ memory: expect.any(String) });
  });

  it('starts a service only with all of its models, so that a rollout ends where one is missing', () => {
    const strict = services.map((name) => settings(name)['TRIBUTARY_STRICT']);
    expect(strict).toEqual(['true', 'true', 'true', undefined]);
  });

  it('lies in one namespace', () => {
    const namespaces = objects.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.namespace);
    expect(new Set(namespaces)).toEqual(new Set(['tributary']));
  });

  it('leaves the number of replicas to an autoscaler where there is one', () => {
    const scaled = ofKind('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef!.name);
    for (const { metadata, spec } of deployments()) {
      if (scaled.includes(metadata.name)) expect(spec.replicas).toBeUndefined();
      else expect(spec.replicas).toBe(metadata.name === 'router' ? 2 : 3);
    }
  });

  it('lets nothing in or out that no policy names', () => {
    const denial = ofKind('NetworkPolicy').find(({ metadata }) => metadata.name === 'default-deny');
    expect(denial?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const open = ofKind('NetworkPolicy').flatMap(({ spec }) => (spec.ingress ?? []).map(({ ports }) => ports));
    // The port of the probes needs neither certificate nor token: it is for the node alone, which policies let through.
    expect(new Set(open.flatMap((ports) => ports?.map(({ port }) => port)))).toEqual(new Set(['grpc', 'metrics']));
  });
});

function fits(labels: Record<string, string>, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

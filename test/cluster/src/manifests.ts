import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { root } from './paths';

/** What tests read of objects; the rest is checked against the schemas of Kubernetes in .ci/run. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Record<string, string>;
  readonly spec: {
    readonly replicas?: number;
    readonly clusterIP?: string;
    readonly selector?: Record<string, unknown>;
    readonly scaleTargetRef?: { readonly name: string };
    readonly podSelector?: object;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly ports?: readonly { readonly port: string | number }[] }[];
    readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
  };
}

export interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: unknown;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

interface Probe {
  readonly grpc: { readonly port: number; readonly service: string };
}

/** Where a volume's files come from: of the two that hold any. */
export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
  readonly configMap?: { readonly name: string };
}

export interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly securityContext: unknown;
  readonly resources: Record<'requests' | 'limits', Record<string, string>>;
}

type Renderer = 'kustomize' | 'helm';

const found: Readonly<Record<Renderer, boolean>> = {
  kustomize: spawnSync('kustomize', ['version']).status === 0,
  helm: spawnSync('helm', ['version']).status === 0,
};

/** `describe`, where the tools are on the PATH or must be (MANIFEST_TOOLS=required); elsewhere it skips, with a line that says so. */
export function describeWith(...tools: readonly Renderer[]): typeof describe | typeof describe.skip {
  const missing = process.env.MANIFEST_TOOLS === 'required' ? [] : tools.filter((tool) => !found[tool]);
  for (const tool of missing) process.stderr.write(`manifests: skipped, there is no ${tool} on the PATH\n`);
  return missing.length > 0 ? describe.skip : describe;
}

/** Objects of an overlay of deploy/k8s. @throws Error with kustomize's last words */
export function buildOverlay(overlay: string): KubernetesObject[] {
  return parse(render('kustomize', ['build', join(root, 'deploy/k8s/overlays', overlay)]));
}

export const chart = join(root, 'deploy/helm/tributary');

/** Objects of the chart. @param options of helm, e.g. `--set` @throws Error with helm's last words */
export function renderChart(options: readonly string[]): KubernetesObject[] {
  // A helm that was built by go install takes itself for one of Kubernetes 1.20.
  return parse(render('helm', ['template', 'tributary', chart, '--kube-version', '1.34', ...options]));
}

/** The one container of a Deployment. */
export function containerOf(objects: readonly KubernetesObject[], deployment: string): Container {
  return podOf(objects, deployment).containers[0]!;
}

export function podOf(objects: readonly KubernetesObject[], deployment: string): PodSpec {
  return objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === deployment)!.spec.template
    .spec;
}

/** The variables that a Deployment's process finds. */
export function environmentOf(objects: readonly KubernetesObject[], deployment: string): Record<string, string> {
  const { env = [], envFrom } = containerOf(objects, deployment);
  const maps = envFrom.flatMap(({ configMapRef }) => (configMapRef === undefined ? [] : [configMapRef.name]));
  const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  return Object.assign({}, ...maps.map((name) => dataOf(objects, name)), own) as Record<string, string>;
}

/** What a ConfigMap holds. @throws Error where there is none of that name */
export function dataOf(objects: readonly KubernetesObject[], configMap: string): Record<string, string> {
  const data = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap)?.data;
  if (data === undefined) throw new Error(`no ConfigMap ${configMap}`);
  return data;
}

function render(program: Renderer, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function parse(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
}

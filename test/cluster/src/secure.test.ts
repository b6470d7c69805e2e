import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createClient, type HopSecurity, type HopTls } from '@tributary/client';
import { grpc, Status } from '@tributary/contract';
import { callerLine } from '@tributary/serve';
import { makeAuthority, type Authority } from '@tributary/serve/testing';
import {
  buildOverlay,
  containerOf,
  dataOf,
  describeWith,
  environmentOf,
  podOf,
  type KubernetesObject,
} from './manifests';
import { root } from './paths';
import { until } from './tools/until';

/** A process with what its pod in the overlay would find, on ports of its own. */
interface PodProcess {
  readonly child: ChildProcess;
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly probePort: number;
}

type Files = Readonly<Record<string, string | Buffer>>;

const token = 'a-token-of-the-shop-that-is-43-characters-long';
const { SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
const oneCall = { texts: ['What a lovely day'] };

// No cluster is needed: what is tested are variables, mounts and files, and the programs that read them.
describeWith('kustomize')('overlay secure, its router and its nlp as processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-secure-'));
  const children: ChildProcess[] = [];
  let objects: readonly KubernetesObject[];
  let secrets: Readonly<Record<string, Files>>;
  let nlp: PodProcess;
  let router: PodProcess;

  beforeAll(async () => {
    objects = buildOverlay('secure');
    const authority = makeAuthority(folder);
    secrets = {
      tls: tlsSecret(authority, 'models', ['image', 'nlp', 'recommendation']),
      'router-tls': tlsSecret(authority, 'router', ['router', 'router-headless']),
      'scrape-tls': tlsSecret(authority, 'scrape', []),
      callers: { callers: `${callerLine('web-shop', 'infer,observe', token)}\n` },
    };
    nlp = await start('nlp', { TRIBUTARY_REPOSITORY: join(root, 'models/nlp') });
    // Reached by its address here, and known by the name that it has in the cluster.
    const upstream = { TRIBUTARY_UPSTREAMS: `127.0.0.1:${nlp.grpcPort}`, TRIBUTARY_UPSTREAM_SERVER_NAME: 'nlp' };
    router = await start('router', upstream);
    await until('a router that is ready', async () => (await health(router, 'readiness')) === SERVING, {
      signal: AbortSignal.timeout(60_000),
    });
  });

  afterAll(async () => {
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the pod's process: its variables, and its volumes as folders elsewhere. Ports, address and `more` are the test's. */
  async function start(name: string, more: Readonly<Record<string, string>>): Promise<PodProcess> {
    const files = join(folder, name);
    const { volumes } = podOf(objects, name);
    for (const { name: mounted, mountPath } of containerOf(objects, name).volumeMounts) {
      const { secret, configMap } = volumes.find((volume) => volume.name === mounted)!;
      mkdirSync(join(files, mountPath), { recursive: true });
      const held = secret ? secrets[secret.secretName]! : configMap ? dataOf(objects, configMap.name) : {};
      for (const [key, content] of Object.entries(held)) writeFileSync(join(files, mountPath, key), content);
    }
    const moved = Object.entries(environmentOf(objects, name)).map(([variable, value]) => [
      variable,
      value.startsWith('/') ? join(files, value) : value,
    ]);
    const free = { TRIBUTARY_GRPC_PORT: '0', TRIBUTARY_METRICS_PORT: '0', TRIBUTARY_PROBE_PORT: '0' };
    const env = {
      ...Object.fromEntries(moved),
      ...free,
      TRIBUTARY_HOST: '127.0.0.1',
      TRIBUTARY_LOG_LEVEL: 'fatal',
      ...more,
    };
    const child = fork(join(root, 'services', name, 'dist/main.js'), [], { env: env as NodeJS.ProcessEnv });
    children.push(child);
    const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
    const [ports] = (await Promise.race([once(child, 'message'), failed])) as [Omit<PodProcess, 'child'>];
    failed.catch(() => undefined);
    return { child, ...ports };
  }

  const tls = (secret?: string): HopTls => ({
    ca: secrets['scrape-tls']!['ca.crt'] as Buffer,
    ...(secret && { cert: secrets[secret]!['tls.crt'] as Buffer, key: secrets[secret]!['tls.key'] as Buffer }),
  });

  async function health(
    { probePort }: PodProcess,
    service: string,
  ): Promise<grpc.health.v1.HealthCheckResponse.ServingStatus> {
    const client = createClient(`127.0.0.1:${probePort}`, { retry: false });
    try {
      return (await client.call('grpc.health.v1.Health/Check', { service })).status;
    } finally {
      client.close();
    }
  }

  /** Status of a call to a process. */
  async function codeOf({ grpcPort }: PodProcess, security: HopSecurity): Promise<number> {
    const client = createClient(`127.0.0.1:${grpcPort}`, { retry: false, timeoutMs: 30_000, ...security });
    try {
      await client.call('tributary.nlp.v1.NlpService/Classify', oneCall);
      return Status.OK;
    } catch (error) {
      return (error as { readonly code: number }).code;
    } finally {
      client.close();
    }
  }

  it('answers a caller with its token, over both hops', async () => {
    expect(await codeOf(router, { tls: { ...tls(), serverName: 'router' }, token: () => token })).toBe(Status.OK);
  });

  it('refuses at the router who has no token, another one, or no TLS', async () => {
    expect({
      none: await codeOf(router, { tls: tls() }),
      another: await codeOf(router, { tls: tls(), token: () => `${token}x` }),
      clear: await codeOf(router, { token: () => token }),
    }).toEqual({ none: Status.UNAUTHENTICATED, another: Status.UNAUTHENTICATED, clear: Status.UNAVAILABLE });
  });

  it('lets nobody past the router: a service knows its certificate alone, and none of its own kind', async () => {
    expect({
      noCertificate: await codeOf(nlp, { tls: tls(), token: () => token }),
      ofPrometheus: await codeOf(nlp, { tls: tls('scrape-tls') }),
      ofAnotherService: await codeOf(nlp, { tls: tls('tls') }),
      ofTheRouter: await codeOf(nlp, { tls: tls('router-tls') }),
    }).toEqual({
      noCertificate: Status.UNAVAILABLE,
      ofPrometheus: Status.UNAUTHENTICATED,
      ofAnotherService: Status.UNAUTHENTICATED,
      ofTheRouter: Status.OK,
    });
  });

  it.each(['liveness', 'readiness'])('answers the probe %s in the clear, without a token', async (service) => {
    expect([await health(router, service), await health(nlp, service)]).toEqual([SERVING, SERVING]);
  });

  it('gives the metrics to what the ServiceMonitor shows, and to nobody without a certificate', async () => {
    const [endpoint] = (objects.find(({ kind }) => kind === 'ServiceMonitor')!.spec as unknown as Monitor).endpoints;
    const { serverName, ca, cert, keySecret } = endpoint.tlsConfig;
    const held = ({ name, key }: SecretKey): Buffer => secrets[name]![key] as Buffer;
    const shown = { ca: held(ca.secret), cert: held(cert.secret), key: held(keySecret) };
    expect(endpoint.scheme).toBe('https');
    for (const { metricsPort } of [router, nlp]) {
      expect(await scrape(metricsPort, { servername: serverName, ...shown })).toBe(200);
      await expect(scrape(metricsPort, { servername: serverName, ca: shown.ca })).rejects.toThrow();
    }
  });

  /** A Secret as cert-manager lays it out, of a certificate with these names and the one that all have. */
  function tlsSecret(authority: Authority, name: string, names: readonly string[]): Files {
    const issued = authority.issue(name, { names: [...names, 'tributary'].map((dns) => `DNS:${dns}`) });
    const [certificate, key, ca] = [issued.cert, issued.key, authority.ca].map((path) => readFileSync(path));
    return { 'tls.crt': certificate!, 'tls.key': key!, 'ca.crt': ca! };
  }
});

interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Of a ServiceMonitor. */
interface Monitor {
  readonly endpoints: readonly [
    {
      readonly scheme: string;
      readonly tlsConfig: {
        readonly serverName: string;
        readonly ca: { readonly secret: SecretKey };
        readonly cert: { readonly secret: SecretKey };
        readonly keySecret: SecretKey;
      };
    },
  ];
}

/** Status of a question for the metrics. @throws Error where there is no connection */
async function scrape(port: number, options: object): Promise<number | undefined> {
  const question = request({ host: '127.0.0.1', port, path: '/metrics', agent: false, ...options }).end();
  const [response] = (await once(question, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

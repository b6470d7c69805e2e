import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type HopSecurity } from '@tributary/client';
import { Status } from '@tributary/contract';
import { callerLine } from '@tributary/serve';
import { makeAuthority, type Authority } from '@tributary/serve/testing';
import { state } from './paths';
import { namespace, type DeployedSystem } from './system';

const token = 'the-token-of-a-shop-that-lives-as-long-as-this-run';

/**
 * Closes every door of the system with the component `secure` and sees who comes in.
 * @returns what was seen @throws Error where somebody was let in or kept out who should not
 */
export async function seeSecured(system: DeployedSystem): Promise<readonly string[]> {
  const folder = join(state, 'secured');
  await mkdir(folder, { recursive: true });
  const authority = makeAuthority(folder);
  await system.cluster.kubectl.apply([
    await tlsSecret(authority, 'tls', ['image', 'nlp', 'recommendation']),
    await tlsSecret(authority, 'router-tls', ['router', 'router-headless']),
    secret('callers', { callers: Buffer.from(`${callerLine('shop', 'infer,observe', token)}\n`) }),
  ]);
  await system.cluster.kubectl.apply(await system.buildWith('local', 'secure'));
  await system.settle();

  const router = JSON.parse(await system.run('get', 'service', 'router', '-o', 'json')) as Service;
  const atRouter = `${router.spec.clusterIP}:8001`;
  const atService = `${(await system.anyPod('nlp')).status.podIP}:8001`;
  const ca = await readFile(authority.ca);
  const seen = {
    'a caller with its token is answered': await call(atRouter, {
      tls: { ca, serverName: 'router' },
      token: () => token,
    }),
    'one without is not': await call(atRouter, { tls: { ca, serverName: 'router' } }),
    'nor who speaks in the clear': await call(atRouter, { token: () => token }),
    'nor who comes to a service past the router': await call(atService, {
      tls: { ca, serverName: 'nlp' },
      token: () => token,
    }),
  };
  const expected = [Status.OK, Status.UNAUTHENTICATED, Status.UNAVAILABLE, Status.UNAVAILABLE];
  Object.entries(seen).forEach(([what, { code, details }], index) => {
    if (code !== expected[index]) throw new Error(`${what}: code ${code}, expected ${expected[index]}; ${details}`);
  });
  return Object.keys(seen);
}

interface Called {
  readonly code: number;
  readonly details: string;
}

interface Service {
  readonly spec: { readonly clusterIP: string };
}

/** Status of a call, and its details where it failed. */
async function call(address: string, security: HopSecurity): Promise<Called> {
  const client = createClient(address, { retry: false, timeoutMs: 10_000, ...security });
  try {
    await client.call('tributary.nlp.v1.NlpService/Classify', { texts: ['What a lovely day'] });
    return { code: Status.OK, details: '' };
  } catch (error) {
    return error as Called;
  } finally {
    client.close();
  }
}

/** As cert-manager lays it out. */
async function tlsSecret(authority: Authority, name: string, names: readonly string[]): Promise<object> {
  const issued = authority.issue(name, { names: [...names, 'tributary'].map((dns) => `DNS:${dns}`) });
  const files = await Promise.all([issued.cert, issued.key, authority.ca].map((path) => readFile(path)));
  return secret(name, { 'tls.crt': files[0]!, 'tls.key': files[1]!, 'ca.crt': files[2]! });
}

function secret(name: string, files: Readonly<Record<string, Buffer>>): object {
  const data = Object.fromEntries(Object.entries(files).map(([key, content]) => [key, content.toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data };
}

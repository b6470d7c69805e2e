import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client, type HopSecurity, type HopTls } from '@tributary/client';
import { inference, Status, tributary } from '@tributary/contract';
import { callerLine } from '@tributary/serve';
import { makeAuthority, type Authority, type Issued } from '@tributary/serve/testing';
import { modelInfer } from './load';
import { endAll, startRouter, startServedUpstream, type RouterProcess, type ServedUpstream } from './router-process';

const { HOP_PLAIN, HOP_RELAY } = tributary.router.v1.Hop;
const echoed = inference.ModelInferRequest.encode({ modelName: 'echo', id: 'secured' }).finish();

let folder: string;
let authority: Authority;
let issued: Readonly<Record<'service' | 'router' | 'shop', Issued>>;
let tokens: Readonly<Record<'router' | 'shop', string>>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-secured-'));
  authority = makeAuthority(folder);
  issued = { service: authority.issue('service'), router: authority.issue('router'), shop: authority.issue('shop') };
  tokens = { router: newToken(), shop: newToken() };
  write('router.token', tokens.router);
  write('callers-of-service', callerLine('router', 'infer,observe,forward', tokens.router));
  write('callers-of-router', callerLine('shop', 'infer,observe', tokens.shop));
});

afterEach(async () => {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

const newToken = (): string => randomBytes(32).toString('base64url');
const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(at(name), `${text}\n`);

const listening = ({ cert, key }: Issued): string[] => [
  ...['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', authority.ca],
];

function shownBy({ cert, key }: Issued): HopTls {
  return { ca: readFileSync(authority.ca), cert: readFileSync(cert), key: readFileSync(key) };
}

async function startSecured(
  hop: string,
): Promise<{ readonly router: RouterProcess; readonly service: ServedUpstream }> {
  const service = await startServedUpstream(0, [...listening(issued.service), '--callers', at('callers-of-service')]);
  const flags = [
    ...['--hop', hop, '--callers', at('callers-of-router'), ...listening(issued.router)],
    ...['--upstream-ca', authority.ca, '--upstream-cert', issued.router.cert, '--upstream-key', issued.router.key],
    ...['--upstream-token-file', at('router.token')],
  ];
  const shop = { tls: shownBy(issued.shop), token: () => tokens.shop };
  const router = await startRouter([service.address], flags, {}, shop);
  await router.untilReady(1);
  return { router, service };
}

const clients: Client[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function connect(address: string, security: HopSecurity): Client {
  const client = createClient(address, { retry: false, timeoutMs: 5_000, ...security });
  clients.push(client);
  return client;
}

const codeOf = async (client: Client): Promise<number> => (await client.callBytes(modelInfer, echoed)).code;

describe.each(['plain', 'auto'])('with certificates and tokens everywhere, hop %s:', (hop) => {
  it('calls are answered, and the service knows the router by its own token, never by that of its caller', async () => {
    const { router } = await startSecured(hop);
    const { code, message, trailers } = await router.client.callBytes(modelInfer, echoed);
    expect([code, Buffer.from(message ?? [])]).toEqual([Status.OK, Buffer.from(echoed)]);
    const seen = String(trailers.get('x-seen'));
    expect(seen).not.toContain(tokens.shop);
    const { upstreams } = await router.routes();
    expect(upstreams.map((upstream) => upstream.hop)).toEqual([hop === 'plain' ? HOP_PLAIN : HOP_RELAY]);
  });

  it('strangers are kept out at each door: without a certificate, without a token, with the token of another door', async () => {
    const { router, service } = await startSecured(hop);
    const tls = shownBy(issued.shop);
    const bare = { ca: readFileSync(authority.ca) };
    expect({
      noCertificate: await codeOf(connect(router.address, { tls: bare, token: () => tokens.shop })),
      noToken: await codeOf(connect(router.address, { tls })),
      ofTheService: await codeOf(connect(router.address, { tls, token: () => tokens.router })),
      inTheClear: await codeOf(connect(service.address, { token: () => tokens.router })),
      ofTheRouter: await codeOf(connect(service.address, { tls, token: () => tokens.shop })),
    }).toEqual({
      noCertificate: Status.UNAVAILABLE,
      noToken: Status.UNAUTHENTICATED,
      ofTheService: Status.UNAUTHENTICATED,
      inTheClear: Status.UNAVAILABLE,
      ofTheRouter: Status.UNAUTHENTICATED,
    });
  });

  it('case 56: the router shows its renewed token, and no call fails meanwhile', async () => {
    const { router } = await startSecured(hop);
    const over = new AbortController();
    const codes = new Map<number, number>();
    const load = (async () => {
      while (!over.signal.aborted) {
        const code = await codeOf(router.client);
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    })();
    // As a rollout of secrets goes: the new token is known before it is shown, and the old one until it no longer is.
    const renewed = newToken();
    const old = readFileSync(at('callers-of-service'), 'utf8');
    write('both', `${old}${callerLine('router', 'infer,observe,forward', renewed)}`);
    copyFileSync(at('both'), at('callers-of-service'));
    write('router.token', renewed);
    const answered = codes.get(Status.OK) ?? 0;
    while ((codes.get(Status.OK) ?? 0) < answered + 200) await codeOf(router.client);
    over.abort();
    await load;
    expect([...codes.keys()]).toEqual([Status.OK]);
  });
});

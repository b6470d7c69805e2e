import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inference, Status } from '@tributary/contract';
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult } from 'jose';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerLine, forwardedCallerKey, type Method, type ServeSettings } from '../index';
import { makeAuthority } from '../testing';
import { RawClient } from './raw-client';
import { RelayClient } from './relay-client';
import { echo, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const infer = '/inference.GRPCInferenceService/ModelInfer';
const checkPath = '/grpc.health.v1.Health/Check';
const relayFolder = '/tributary.relay.v1.RelayService/Relay';
const nothing = Buffer.alloc(0);

let folder: string;
let callers: string;
let serving: Serving | undefined;
const tokens = new Map<string, string>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-access-'));
  callers = join(folder, 'callers');
  writeCallers({
    shop: 'infer:bge-*,observe',
    watcher: 'observe',
    router: 'infer,observe,forward',
    root: 'infer,observe,admin',
  });
});

afterEach(async () => {
  await serving?.close();
  serving = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function writeCallers(grants: Readonly<Record<string, string>>, more: readonly string[] = []): void {
  const lines = Object.entries(grants).map(([name, granted]) => {
    const token = randomBytes(32).toString('base64url');
    tokens.set(name, token);
    return callerLine(name, granted, token);
  });
  writeFileSync(callers, `# callers\n${[...lines, ...more].join('\n')}\n`);
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const as = (name: string): Record<string, string> => bearer(tokens.get(name)!);
const asking = (modelName: string): Buffer => Buffer.from(inference.ModelInferRequest.encode({ modelName }).finish());

const answered: string[] = [];
const methods: Method[] = [
  { ...echo, role: 'infer' },
  {
    path: infer,
    kind: 'unary',
    role: 'infer',
    handler: (request, { caller }) => {
      answered.push(String(caller));
      return Promise.resolve(request);
    },
  },
  {
    path: '/demo.Demo/List',
    kind: 'serverStream',
    role: 'observe',
    handler: (request, _context, write) => write(request),
  },
  { path: '/demo.Demo/Load', kind: 'unary', handler: (request) => Promise.resolve(request) },
];

async function start(settings: Partial<ServeSettings> = {}): Promise<Serving> {
  answered.length = 0;
  serving = await startServing(methods, { callers, ...settings });
  return serving;
}

describe.each(['on', 'off'] as const)('with hotDoor %s:', (hotDoor) => {
  it('case 57: every RPC but Health/Check refuses who shows no token or a wrong one, and the log has no token', async () => {
    const { client, logText } = await start({ hotDoor });
    const paths = [
      echoPath,
      infer,
      relayFolder,
      '/demo.Demo/List',
      '/demo.Demo/Load',
      '/grpc.health.v1.Health/Watch',
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      '/inference.GRPCInferenceService/RepositoryModelLoad',
      '/nobody.Has/This',
    ];
    const wrong = [
      'Bearer wrong-token',
      `Bearer ${tokens.get('shop')}x`,
      'Basic c2hvcDpzaG9w',
      'Bearer',
      'Bearer a.b.c',
    ];
    for (const path of paths) {
      const without = await client.call(path, nothing);
      expect([path, without.code, without.details?.reason]).toEqual([path, Status.UNAUTHENTICATED, 'TOKEN_MISSING']);
      for (const authorization of wrong) {
        const answer = await client.call(path, nothing, { authorization });
        expect([path, answer.code, answer.details?.reason]).toEqual([path, Status.UNAUTHENTICATED, 'TOKEN_INVALID']);
      }
    }
    for (const headers of [{}, { authorization: 'Bearer wrong-token' }, as('shop')]) {
      expect((await client.call(checkPath, nothing, headers)).code).toBe(Status.OK);
    }
    await client.call(infer, asking('bge-small'), as('shop'));
    expect(answered).toEqual(['shop']);
    for (const token of [...tokens.values(), 'wrong-token']) expect(logText()).not.toContain(token);
  });

  it('a role is needed for each RPC, and a method that names none needs admin (case 58)', async () => {
    const { client } = await start({ hotDoor });
    const outcomes = async (name: string): Promise<number[]> =>
      Promise.all(
        [echoPath, '/demo.Demo/List', '/demo.Demo/Load', '/nobody.Has/This'].map(
          async (path) => (await client.call(path, nothing, as(name))).code,
        ),
      );
    const { OK, PERMISSION_DENIED, UNIMPLEMENTED } = Status;
    expect(await outcomes('watcher')).toEqual([PERMISSION_DENIED, OK, PERMISSION_DENIED, UNIMPLEMENTED]);
    expect(await outcomes('router')).toEqual([OK, OK, PERMISSION_DENIED, UNIMPLEMENTED]);
    expect(await outcomes('root')).toEqual([OK, OK, OK, UNIMPLEMENTED]);
  });

  it('a role for some models is refused for others, for none and for what is about no model, before a handler runs', async () => {
    const { client } = await start({ hotDoor });
    const refused = async (path: string, request: Buffer): Promise<unknown> => {
      const { code, details } = await client.call(path, request, as('shop'));
      return code === Status.PERMISSION_DENIED ? details?.reason : code;
    };
    expect(await refused(infer, asking('bge-small'))).toBe(Status.OK);
    for (const name of ['movies', 'xbge-', 'bge_small', '', 'bge-\n', '../bge-small']) {
      expect(await refused(infer, asking(name))).toBe('MODEL_FORBIDDEN');
    }
    expect(await refused(echoPath, nothing)).toBe('MODEL_FORBIDDEN');
    expect(answered).toEqual(['shop']);
  });

  it('only a caller with the role forward names another, and cannot name what a log would stumble over', async () => {
    const { client } = await start({ hotDoor });
    await client.call(infer, asking('m'), { ...as('router'), [forwardedCallerKey]: 'shop' });
    await client.call(infer, asking('m'), { ...as('root'), [forwardedCallerKey]: 'shop' });
    await client.call(infer, asking('m'), { ...as('router'), [forwardedCallerKey]: '{"audit":true}' });
    expect(answered).toEqual(['shop', 'root', 'router']);
  });

  it('a caller that is taken out of the file is refused from then on, and a new one let in', async () => {
    const { client } = await start({ hotDoor });
    const before = tokens.get('root')!;
    expect((await client.call(echoPath, nothing, bearer(before))).code).toBe(Status.OK);
    writeCallers({ guest: 'infer' });
    while ((await client.call(echoPath, nothing, as('guest'))).code !== Status.OK);
    expect((await client.call(echoPath, nothing, bearer(before))).code).toBe(Status.UNAUTHENTICATED);
  });

  it('cases 57 and 59: refusals of access and admin calls leave one audit line each, whatever is in them', async () => {
    const running = await start({ hotDoor });
    const hostile = 'x"}\n{"audit":true,"caller":"root"}\u001b[31m';
    await running.client.call(infer, asking(hostile), as('shop'));
    await running.client.call(echoPath, nothing);
    await running.client.call('/demo.Demo/Load', nothing, as('root'));
    const audit = running.lines().filter((line) => line['audit'] === true);
    expect(audit.map(({ caller, code, reason, msg }) => [caller, code, reason, msg])).toEqual([
      ['shop', 'PERMISSION_DENIED', 'MODEL_FORBIDDEN', 'call refused'],
      [undefined, 'UNAUTHENTICATED', 'TOKEN_MISSING', 'call refused'],
      ['root', 'OK', undefined, 'admin call'],
    ]);
    expect(running.logText()).not.toContain('\u001b');
  });

  it('quotas hold back one caller with a pushback, and nobody else', async () => {
    const quotas = join(folder, 'quotas.json');
    const rule = { callsPerSecond: 0.001, bytesPerSecond: 1_000_000, concurrency: 8 };
    writeFileSync(quotas, JSON.stringify({ callers: { watcher: {}, shop: rule } }));
    const { client } = await start({ hotDoor, quotas });
    expect((await client.call(infer, asking('bge-small'), as('shop'))).code).toBe(Status.OK);
    const refused = await client.call(infer, asking('bge-small'), as('shop'));
    expect([refused.code, refused.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'QUOTA_CALLS']);
    expect(Number(refused.trailers['grpc-retry-pushback-ms'])).toBeGreaterThan(0);
    expect(refused.details?.details.retryDelayMs).toBeGreaterThan(0);
    for (let count = 0; count < 5; count += 1) {
      expect((await client.call(echoPath, nothing, as('root'))).code).toBe(Status.OK);
    }
  });
});

it('calls of a relay are those of whoever opened it, each for whom it names, until its token is taken away', async () => {
  const { server } = await start();
  class Authorized extends RawClient {
    override open(path: string, headers: Record<string, string> = {}): ReturnType<RawClient['open']> {
      return super.open(path, { ...as('router'), ...headers });
    }
  }
  const client = new Authorized(server.grpcPort);
  const relay = new RelayClient(client);
  const call = async (path: string): Promise<number> => {
    const metadata = new Map([[forwardedCallerKey, ['shop']]]);
    return (await relay.call(path, asking('m'), { metadata })).code;
  };
  expect([await call(infer), await call('/demo.Demo/Load'), await call(checkPath)]).toEqual([
    Status.OK,
    Status.PERMISSION_DENIED,
    Status.NOT_FOUND,
  ]);
  expect(answered).toEqual(['shop']);
  writeCallers({ guest: 'infer' });
  while ((await call(infer)) === Status.OK);
  expect(await call(infer)).toBe(Status.UNAUTHENTICATED);
  await client.close();
});

it('a caller is known by its certificate where it shows no token', async () => {
  const authority = makeAuthority(folder);
  const server = authority.issue('server');
  writeCallers({}, ['by-uri infer cert:spiffe://demo/shop', 'by-name infer cert:plain']);
  const tls = { tlsCert: server.cert, tlsKey: server.key, tlsClientCa: authority.ca };
  const { server: running } = await start(tls);
  const callAs = async (name: string, names: readonly string[]): Promise<number> => {
    const own = authority.issue(name, { names });
    const pem = { cert: readFileSync(own.cert), key: readFileSync(own.key) };
    const client = new RawClient(running.grpcPort, readFileSync(authority.ca), pem);
    const { code } = await client.call(infer, asking('m'));
    await client.close();
    return code;
  };
  expect(await callAs('uri', ['URI:spiffe://demo/shop'])).toBe(Status.OK);
  expect(await callAs('plain', [])).toBe(Status.OK);
  expect(await callAs('stranger', [])).toBe(Status.UNAUTHENTICATED);
  expect(answered).toEqual(['by-uri', 'by-name']);
});

describe('tokens of an issuer', () => {
  let pair: GenerateKeyPairResult;
  let keySet: string;

  beforeEach(async () => {
    pair = await generateKeyPair('ES256');
    keySet = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] });
  });

  const sign = (claims: Record<string, unknown>, expires = '1h', kid = 'one'): Promise<string> =>
    new SignJWT({ roles: ['infer:bge-*', 'hr:admin'], ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject((claims['sub'] as string | undefined) ?? 'user@example.org')
      .setAudience((claims['aud'] as string | undefined) ?? 'tributary')
      .setExpirationTime(expires)
      .sign(pair.privateKey);

  it('are verified by a file of keys: who, for whom, until when, and by which kind of key', async () => {
    const jwksFile = join(folder, 'jwks.json');
    writeFileSync(jwksFile, keySet);
    const { client } = await start({ jwksFile, jwtAudience: 'tributary' });
    const reasonOf = async (token: string): Promise<unknown> => {
      const { code, details } = await client.call(infer, asking('bge-small'), bearer(token));
      return details?.reason ?? code;
    };
    const good = await sign({});
    expect([await reasonOf(good), await reasonOf(good)]).toEqual([Status.OK, Status.OK]);
    expect(answered).toEqual(['user@example.org', 'user@example.org']);
    expect(await reasonOf(await sign({ aud: 'elsewhere' }))).toBe('TOKEN_INVALID');
    expect(await reasonOf(await sign({}, '-1h'))).toBe('TOKEN_EXPIRED');
    expect(await reasonOf(await sign({ roles: [] }))).toBe('ROLE_MISSING');
    expect(await reasonOf(await sign({ sub: 'a b\n' }))).toBe('TOKEN_INVALID');
    expect(await reasonOf(`${good.slice(0, -4)}AAAA`)).toBe('TOKEN_INVALID');
    const secret = new TextEncoder().encode(keySet);
    const forged = await new SignJWT({ roles: ['infer'] })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setSubject('user')
      .setAudience('tributary')
      .setExpirationTime('1h')
      .sign(secret);
    expect(await reasonOf(forged)).toBe('TOKEN_INVALID');
    expect((await client.call(infer, asking('movies'), bearer(good))).details?.reason).toBe('MODEL_FORBIDDEN');
  });

  it('are verified by a URL of keys, and go on being so while it cannot be had', async () => {
    let isDown = false;
    let asked = 0;
    const issuer: Server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(isDown ? 503 : 200).end(keySet);
    });
    await once(issuer.listen(0, '127.0.0.1'), 'listening');
    try {
      const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
      const running = await start({ jwksUrl, jwtAudience: 'tributary', jwksRefreshMs: 20 });
      const token = await sign({});
      const call = async (): Promise<number> =>
        (await running.client.call(infer, asking('bge-small'), bearer(token))).code;
      while ((await call()) !== Status.OK);
      isDown = true;
      const askedBefore = asked;
      while (asked < askedBefore + 3) await once(issuer, 'request');
      expect(await call()).toBe(Status.OK);
      expect(running.logText()).toContain('the keys that are there stay');
    } finally {
      issuer.closeAllConnections();
      issuer.close();
    }
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { ServeSettings } from '../index';
import { makeAuthority, type Authority, type Issued } from '../testing';
import { RawClient } from './raw-client';
import { echo, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';

let folder: string;
let authority: Authority;
let files: { tlsCert: string; tlsKey: string };
let serving: Serving | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-rotation-'));
  authority = makeAuthority(folder);
  files = { tlsCert: join(folder, 'server.pem'), tlsKey: join(folder, 'server-key.pem') };
  install(authority.issue('first'));
});

afterEach(async () => {
  await serving?.close();
  serving = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function install({ cert, key }: Issued): void {
  copyFileSync(key, files.tlsKey);
  copyFileSync(cert, files.tlsCert);
}

async function start(settings: Partial<ServeSettings> = {}): Promise<Serving> {
  serving = await startServing([echo], { ...files, ...settings });
  return serving;
}

function caller(port: number, own?: Issued): RawClient {
  const pem = own === undefined ? {} : { cert: readFileSync(own.cert), key: readFileSync(own.key) };
  return new RawClient(port, readFileSync(authority.ca), pem);
}

/** Common name of the certificate that a port shows to a new connection; undefined where it ends without one. */
async function shownBy(port: number, own?: Issued): Promise<string | undefined> {
  const pem = own === undefined ? {} : { cert: readFileSync(own.cert), key: readFileSync(own.key) };
  const socket: TLSSocket = connect({
    port,
    host: '127.0.0.1',
    ca: readFileSync(authority.ca),
    ...pem,
  });
  try {
    return await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(socket.getPeerCertificate().subject.CN as string));
      socket.once('error', () => resolve(undefined));
    });
  } finally {
    socket.destroy();
  }
}

/** Asks until the port shows this certificate; the test's own time is the bound. */
async function untilShown(port: number, name: string, own?: Issued): Promise<void> {
  while ((await shownBy(port, own)) !== name);
}

async function untilLogged(running: Serving, text: string): Promise<void> {
  while (!running.logText().includes(text)) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(['on', 'off'] as const)('with hotDoor %s:', (hotDoor) => {
  it('case 56: a certificate that is renewed under load is used by new connections, and no call fails', async () => {
    const running = await start({ hotDoor });
    const port = running.server.grpcPort;
    const clients = Array.from({ length: 4 }, () => caller(port));
    let isOver = false;
    const codes = new Map<number, number>();
    const load = clients.map(async (client) => {
      while (!isOver) {
        const { code } = await client.call(echoPath, Buffer.from('load'));
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    });
    for (const name of ['second', 'third']) {
      install(authority.issue(name));
      await untilShown(port, name);
      const fresh = caller(port);
      expect((await fresh.call(echoPath, Buffer.from('fresh'))).code).toBe(Status.OK);
      await fresh.close();
    }
    isOver = true;
    await Promise.all(load);
    expect([...codes.keys()]).toEqual([Status.OK]);
    await Promise.all(clients.map((client) => client.close()));
  });
});

it('case 56: a half-written file, and a key of another certificate, leave the old certificate in use and are logged once', async () => {
  const running = await start();
  const port = running.server.grpcPort;
  const next = authority.issue('next');
  const cert = readFileSync(next.cert);
  writeFileSync(files.tlsCert, cert.subarray(0, cert.length / 2));
  await untilLogged(running, 'cannot be used');
  expect(await shownBy(port)).toBe('first');
  const before = running.logText();
  // Whole now, but the key is still the old one's.
  writeFileSync(files.tlsCert, cert);
  await untilLogged({ ...running, logText: () => running.logText().slice(before.length) }, 'cannot be used');
  expect(await shownBy(port)).toBe('first');
  copyFileSync(next.key, files.tlsKey);
  await untilShown(port, 'next');
  const warnings = running.lines().filter(({ msg }) => String(msg).includes('cannot be used'));
  expect(warnings).toHaveLength(2);
});

it('case 56: a folder that is swapped as Kubernetes swaps a Secret is noticed', async () => {
  const mount = join(folder, 'mount');
  const layOut = (version: string, issued: Issued): void => {
    mkdirSync(join(mount, version), { recursive: true });
    copyFileSync(issued.cert, join(mount, version, 'tls.crt'));
    copyFileSync(issued.key, join(mount, version, 'tls.key'));
  };
  layOut('..1', authority.issue('mounted'));
  symlinkSync('..1', join(mount, '..data'));
  for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(mount, file));
  files = { tlsCert: join(mount, 'tls.crt'), tlsKey: join(mount, 'tls.key') };
  const { server } = await start();
  layOut('..2', authority.issue('swapped'));
  symlinkSync('..2', join(mount, '..new'));
  renameSync(join(mount, '..new'), join(mount, '..data'));
  await untilShown(server.grpcPort, 'swapped');
});

describe('with client certificates asked for', () => {
  it('case 56: none, an expired one and one of another authority get no connection, and no handler runs', async () => {
    const running = await start({ tlsClientCa: authority.ca });
    const port = running.server.grpcPort;
    const good = caller(port, authority.issue('good'));
    const stranger = makeAuthority(folder, 'other').issue('stranger');
    for (const own of [undefined, stranger, authority.issue('expired', { days: -1 })]) {
      const client = caller(port, own);
      expect((await client.call(echoPath, Buffer.alloc(0))).code).toBeNaN();
    }
    expect((await good.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
    await good.close();
    expect(await running.metric('tributary_grpc_request_duration_seconds_count{method="demo.Demo/Echo"}')).toBe(1);
  });

  it('a renewed authority is asked for of new connections', async () => {
    const tlsClientCa = join(folder, 'clients.pem');
    copyFileSync(authority.ca, tlsClientCa);
    const { server } = await start({ tlsClientCa });
    const other = makeAuthority(folder, 'other');
    const own = other.issue('late');
    const refused = caller(server.grpcPort, own);
    expect((await refused.call(echoPath, Buffer.alloc(0))).code).toBeNaN();
    copyFileSync(other.ca, tlsClientCa);
    for (;;) {
      const client = caller(server.grpcPort, own);
      const { code } = await client.call(echoPath, Buffer.alloc(0));
      await client.close();
      if (code === Status.OK) break;
    }
  });
});

it.each(['tlsClientCa', 'metricsClientCa'] as const)(
  'metrics are served over TLS, to holders of a certificate of %s alone, with the one that is in use',
  async (setting) => {
    const running = await start({ metricsTls: true, [setting]: authority.ca });
    const port = running.server.metricsPort;
    const own = authority.issue('scraper');
    const scrape = (pem: { cert?: Buffer; key?: Buffer }): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = {
          port,
          host: '127.0.0.1',
          path: '/metrics',
          ca: readFileSync(authority.ca),
          agent: false,
          ...pem,
        };
        get(options, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve(text));
        }).on('error', reject);
      });
    expect(await scrape({ cert: readFileSync(own.cert), key: readFileSync(own.key) })).toContain(
      'tributary_build_info',
    );
    await expect(scrape({})).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    install(authority.issue('renewed'));
    await untilShown(port, 'renewed', own);
  },
);

it('case 57: the probe port answers health without TLS and nothing else, until the drain has ended', async () => {
  const running = await start({ probePort: 0, tlsClientCa: authority.ca });
  const probe = new RawClient(running.server.probePort!);
  const check = '/grpc.health.v1.Health/Check';
  const ask = async (service: string): Promise<number | undefined> =>
    (await probe.call(check, Buffer.from([0x0a, service.length, ...Buffer.from(service)]))).messages[0]?.[1];
  expect([await ask('readiness'), await ask('liveness')]).toEqual([1, 1]);
  running.health.set(false);
  expect([await ask('readiness'), await ask('liveness')]).toEqual([2, 1]);
  const others = [
    echoPath,
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    '/tributary.relay.v1.RelayService/Relay',
  ];
  for (const path of others) expect((await probe.call(path, Buffer.alloc(0))).code).toBe(Status.UNIMPLEMENTED);
  await running.server.drain();
  if (!probe.session.destroyed) await once(probe.session, 'close');
});

import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Method } from '../index';
import { streamWindowBytes } from '../http2-door';
import { makeCertificate } from '../testing';
import { runToEnd } from './child';
import { answerOf, frame, RawClient } from './raw-client';
import { echo, gate, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const MiB = 2 ** 20;

let folder: string;
let tls: { tlsCert: string; tlsKey: string };
let serving: Serving | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-tls-'));
  tls = makeCertificate(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

describe.each(['on', 'off'] as const)('over TLS, with hotDoor %s:', (hotDoor) => {
  async function start(methods: readonly Method[] = [echo], settings = {}): Promise<Serving> {
    serving = await startServing(methods, { hotDoor, ...tls, ...settings });
    return serving;
  }

  it('calls of any size are answered, with wide windows', async () => {
    const { client } = await start();
    for (const bytes of [0, 1, 602_000, 5 * MiB]) {
      const message = Buffer.alloc(bytes, 'tls');
      const answer = await client.call(echoPath, message);
      expect([answer.code, answer.messages[0]?.equals(message)]).toEqual([Status.OK, true]);
    }
    expect(client.session.encrypted).toBe(true);
    expect(client.session.remoteSettings.initialWindowSize).toBe(streamWindowBytes);
  });

  it('limits, deadlines, cancellation and the drain are as without', async () => {
    const started = gate();
    const ended = gate<unknown>();
    const waits: Method = {
      path: '/demo.Demo/Wait',
      kind: 'unary',
      handler: (_request, { signal }) => {
        started.open();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended.open(signal.reason);
            reject(signal.reason as Error);
          });
        });
      },
    };
    const running = await start([echo, waits], { maxMessageBytes: MiB });
    const { client } = running;
    expect((await client.call(echoPath, Buffer.alloc(MiB + 1))).code).toBe(Status.RESOURCE_EXHAUSTED);
    const stream = client.open(waits.path);
    stream.end(frame(Buffer.alloc(0)));
    await started.passed;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await ended.passed).toMatchObject({ reason: 'CANCELLED' });
    const late = await client.call(waits.path, Buffer.alloc(0), { 'grpc-timeout': '20m' });
    expect(late.code).toBe(Status.DEADLINE_EXCEEDED);
    const goodbye = once(client.session, 'goaway');
    const drained = running.server.drain();
    await goodbye;
    expect(await drained).toEqual({ cutOff: 0 });
  });

  it('a caller without TLS, and one that trusts another certificate, get no answer', async () => {
    const running = await start();
    const plain = new RawClient(running.server.grpcPort);
    const distrustful = new RawClient(running.server.grpcPort, readFileSync(makeCertificate(folder, 'other').tlsCert));
    for (const client of [plain, distrustful]) {
      const stream = client.open(echoPath);
      stream.end(frame(Buffer.alloc(0)));
      expect((await answerOf(stream)).code).toBeNaN();
      await client.close();
    }
    expect((await running.client.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
  });
});

describe('the start of a process with TLS', () => {
  it('case 53: an unreadable or wrong file, or one without the other, ends it with one line that says so', async () => {
    const noPem = join(folder, 'no.pem');
    writeFileSync(noPem, 'no PEM');
    const other = makeCertificate(folder, 'another');
    const starts: readonly (readonly [string[], RegExp])[] = [
      [[`--tls-cert=${folder}/none.pem`, `--tls-key=${tls.tlsKey}`], /^demo: cannot read tlsCert .*no such file\n$/],
      [[`--tls-cert=${tls.tlsCert}`, `--tls-key=${folder}`], /^demo: cannot read tlsKey .*a folder\n$/],
      [
        [`--tls-cert=${noPem}`, `--tls-key=${tls.tlsKey}`],
        /^demo: tlsCert .* are no certificate and its key in PEM\n$/,
      ],
      [[`--tls-cert=${tls.tlsCert}`, `--tls-key=${other.tlsKey}`], /are no certificate and its key in PEM\n$/],
      [[`--tls-cert=${tls.tlsCert}`], /^demo: tlsCert needs tlsKey beside it /],
    ];
    for (const [args, line] of starts) {
      const end = await runToEnd({ args });
      expect([end.code, end.stderr]).toEqual([1, expect.stringMatching(line)]);
    }
  });
});

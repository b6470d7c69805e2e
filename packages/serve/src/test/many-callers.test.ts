import { afterEach, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Method } from '../index';
import { runServing, type Child } from './child';
import { answerOf, frame, RawClient } from './raw-client';
import { echo, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const MiB = 2 ** 20;

let serving: Serving | undefined;
let child: Child | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
  child?.process.kill('SIGKILL');
  await child?.ended;
  child = undefined;
});

describe.each(['on', 'off'] as const)('with hotDoor %s:', (hotDoor) => {
  it('case 22: a caller of large answers who reads none holds a bounded number of them, and nobody else notices', async () => {
    const large: Method = {
      path: '/demo.Demo/Large',
      kind: 'unary',
      handler: () => Promise.resolve(Buffer.alloc(MiB, 'large')),
    };
    const bounds = { maxMessageBytes: MiB, maxBytesInFlight: 8 * MiB };
    serving = await startServing([echo, large], { hotDoor, ...bounds });
    // Paused: of each stream, and of all together, 64 KB are on their way, and the rest waits in the server.
    const slow = serving.connect();
    const streams = Array.from({ length: 64 }, () => {
      const stream = slow.open(large.path);
      stream.end(frame(Buffer.alloc(0)));
      return stream;
    });
    const responses = await Promise.all(streams.map(responseOf));
    const refused = streams.filter((_, index) => responses[index]!['grpc-status'] !== undefined);
    const held = streams.filter((stream) => !refused.includes(stream));
    expect(held).toHaveLength(8);
    for (const response of responses.filter((headers) => headers['grpc-status'] !== undefined))
      expect(response['grpc-status']).toBe(String(Status.RESOURCE_EXHAUSTED));
    expect(await serving.metric('tributary_grpc_refusals_total{reason="ANSWERS_UNREAD"}')).toBe(56);

    const others = [serving.client, serving.connect(), serving.connect()];
    const answers = await Promise.all(
      others.flatMap((other) => [other.call(large.path, Buffer.alloc(0)), other.call(echoPath, Buffer.from('fine'))]),
    );
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([Status.OK]));

    const late = await Promise.all(held.map((stream) => answerOf(stream)));
    expect(late.map(({ code, messages }) => [code, messages[0]?.length])).toEqual(held.map(() => [Status.OK, MiB]));
    expect((await slow.call(large.path, Buffer.alloc(0))).code).toBe(Status.OK);
  });

  it('case 25: 2,000 connections with a call each are all answered, and leave no file open', async () => {
    child = await runServing({ args: [`--hot-door=${hotDoor}`] });
    const { pid } = child.process;
    const openFiles = (): number => readdirSync(`/proc/${pid}/fd`).length;
    const probe = new RawClient(child.grpcPort);
    await probe.call(echoPath, Buffer.alloc(0));
    const before = openFiles();
    const clients: RawClient[] = [];
    const codes: number[] = [];
    while (clients.length < 2000) {
      // A listener's backlog holds 511.
      const wave = Array.from({ length: 250 }, () => new RawClient(child!.grpcPort));
      clients.push(...wave);
      const answers = await Promise.all(wave.map((client) => client.call(echoPath, Buffer.from('one'))));
      codes.push(...answers.map(({ code }) => code));
    }
    expect(codes.filter((code) => code === Status.OK)).toHaveLength(2000);
    expect(openFiles()).toBeGreaterThanOrEqual(before + 2000);
    await Promise.all(clients.map((client) => client.close()));
    // Each call gives the server a turn to see ends of connections.
    while (openFiles() > before) expect((await probe.call(echoPath, Buffer.alloc(0))).code).toBe(Status.OK);
    expect(openFiles()).toBeLessThanOrEqual(before);
    await probe.close();
  });
});

async function responseOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return headers;
}

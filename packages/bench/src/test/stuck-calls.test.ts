import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { frameMessage } from '../load/frame';
import { StuckCalls, type StuckPlan } from '../load/stuck-calls';

const answer = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);

let server: Http2Server | undefined;
let calls: StuckCalls | undefined;
afterEach(() => {
  calls?.close();
  server?.close();
});

/** Answers every call but the first ones, which it refuses. */
async function serve(refused: number): Promise<{ port: number; sent: () => number }> {
  const sockets: { readonly bytesWritten: number }[] = [];
  let asked = 0;
  server = createServer();
  server.on('connection', (socket: { readonly bytesWritten: number }) => sockets.push(socket));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    if (asked++ < refused) {
      stream.respond({ ...headers, 'grpc-status': '8' }, { endStream: true });
      return;
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frameMessage(answer));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, sent: () => sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0) };
}

function plan(port: number, expected: Uint8Array): StuckPlan {
  const requests = [{ message: Uint8Array.of(1), check: { kind: 'bytes', expected } as const }];
  return { port, path: '/test/Wide', requests, connections: 2, callsPerConnection: 2 };
}

/** Until the first answers have come as far as they can. */
async function untilSent(sent: () => number, bytes: number): Promise<void> {
  while (sent() < bytes) await new Promise((resolve) => setImmediate(resolve));
}

describe('StuckCalls', () => {
  it('leaves answers with the server until it is told to read, and then has all of them', async () => {
    const { port, sent } = await serve(0);
    calls = new StuckCalls(plan(port, answer));
    await untilSent(sent, 2 * 65_535);
    expect(calls.inFlight()).toBe(4);
    // The windows of two connections, and the frames around what is in them.
    expect(sent()).toBeLessThan(150_000);
    expect(await calls.release()).toEqual([]);
    expect(calls.inFlight()).toBe(0);
    expect(sent()).toBeGreaterThan(4 * answer.length);
  });

  it('does not count refused calls as in flight, and sees wrong answers', async () => {
    const { port, sent } = await serve(1);
    calls = new StuckCalls(plan(port, Uint8Array.of(0)));
    await untilSent(sent, 2 * 65_535);
    expect(calls.inFlight()).toBe(3);
    expect(new Set(await calls.release())).toEqual(new Set(['other bytes than expected']));
  });
});

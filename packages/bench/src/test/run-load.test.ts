import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { frameMessage, unframeMessage } from '../load/frame';
import { GrpcConnection } from '../load/grpc-connection';
import type { LoadPlan, LoadRequest } from '../load/load-plan';
import { runLoad } from '../load/run-load';

let server: Http2Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  server?.close();
  server = undefined;
  sockets.clear();
});

/** Listens and answers every call with what the function makes of its message; a number is a status without an answer, NaN not even that. */
async function serve(
  answer: (message: Uint8Array) => Uint8Array | number,
): Promise<{ port: number; calls: () => number }> {
  let calls = 0;
  const respond = (stream: ServerHttp2Stream, body: Buffer): void => {
    calls++;
    const made = answer(unframeMessage(body)!);
    const headers = { ':status': 200, 'content-type': 'application/grpc' };
    if (typeof made === 'number') {
      const status = Number.isNaN(made) ? {} : { 'grpc-status': String(made) };
      stream.respond({ ...headers, ...status }, { endStream: true });
      return;
    }
    stream.respond(headers, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(frameMessage(made));
  };
  server = createServer();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => respond(stream, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, calls: () => calls };
}

/** Requests that are to come back as they are. */
function echoes(...messages: Uint8Array[]): LoadRequest[] {
  return messages.map((message) => ({ message, check: { kind: 'bytes', expected: message } }));
}

function plan(port: number, requests: readonly LoadRequest[], more: Partial<LoadPlan> = {}): LoadPlan {
  const mode = { kind: 'closed', inFlightPerConnection: 4 } as const;
  return { port, path: '/test/Echo', requests, connections: 2, mode, warmUpMs: 20, windowMs: 150, ...more };
}

describe('runLoad', () => {
  it('counts as many calls as the server did, all of them right', async () => {
    const { port, calls } = await serve((message) => message);
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1), Uint8Array.of(2, 3))));
    expect(result).toMatchObject({ callsEnded: calls(), wrongAnswers: 0, failedCalls: 0, firstFault: '' });
    expect(result.answersInWindow).toBeGreaterThan(0);
    expect(result.answersInWindow).toBeLessThan(result.callsEnded);
    expect(result.latency.p50Ms).toBeGreaterThan(0);
    expect(result.latency.p99Ms).toBeGreaterThanOrEqual(result.latency.p50Ms);
    expect(result.generator.coreShare).toBeGreaterThan(0);
  });

  it('carries messages larger than the flow-control window both ways', async () => {
    const { port } = await serve((message) => message);
    const large = Uint8Array.from({ length: 700_000 }, (_, i) => i % 249);
    const result = await runLoad(plan(port, echoes(large)));
    expect(result).toMatchObject({ wrongAnswers: 0, failedCalls: 0 });
    expect(result.callsEnded).toBeGreaterThan(0);
  });

  it('sees one wrong answer among many', async () => {
    const { port } = await serve((message) => (message[0] === 7 ? Uint8Array.of(0) : message));
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1), Uint8Array.of(7), Uint8Array.of(2))));
    expect(result.wrongAnswers).toBeGreaterThan(0);
    expect(result.wrongAnswers).toBeLessThan(result.callsEnded);
    expect(result.firstFault).toBe('other bytes than expected');
  });

  it('counts a call with an error status as failed, and goes on', async () => {
    const { port, calls } = await serve((message) => (message[0] === 7 ? 8 : message));
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1), Uint8Array.of(7))));
    expect(result.failedCalls).toBeGreaterThan(1);
    expect(result).toMatchObject({ callsEnded: calls(), wrongAnswers: 0, firstFault: 'a call ended with status 8' });
  });

  it('counts a call as failed that was answered without a gRPC status', async () => {
    const { port, calls } = await serve(() => Number.NaN);
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1))));
    expect(result.callsEnded).toBe(calls());
    expect(result.failedCalls).toBe(calls());
  });

  it('ends every call when the server goes away', async () => {
    const { port } = await serve(() => {
      for (const socket of sockets) socket.destroy();
      return 0;
    });
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1))));
    expect(result).toMatchObject({ answersInWindow: 0, firstFault: 'a call ended with status -1' });
    expect(result.failedCalls).toBe(result.callsEnded);
  });

  it('sends an open loop at the rate asked for, however slow the answers', async () => {
    const { port, calls } = await serve((message) => message);
    const mode = { kind: 'open', callsPerSecond: 400, seed: 5 } as const;
    const result = await runLoad(plan(port, echoes(Uint8Array.of(1)), { mode, warmUpMs: 0, windowMs: 1000 }));
    expect(result).toMatchObject({ callsEnded: calls(), wrongAnswers: 0, failedCalls: 0, droppedArrivals: 0 });
    // Six standard deviations of a Poisson count of 400; a machine that is busy with other tests may keep it from most of them.
    expect(result.callsEnded).toBeLessThan(520);
    expect(result.callsEnded).toBeGreaterThan(40);
  });

  it('counts refusals and expiries of calls with a deadline as outcomes', async () => {
    const { port } = await serve((message) => message[0]!);
    const mode = { kind: 'open', callsPerSecond: 400, seed: 5, deadlineMs: 1000 } as const;
    const requests = echoes(Uint8Array.of(8), Uint8Array.of(4), Uint8Array.of(13));
    const result = await runLoad(plan(port, requests, { mode }));
    expect(result.refusedCalls).toBeGreaterThan(0);
    expect(result.expiredCalls).toBeGreaterThan(0);
    expect(result.failedCalls).toBeGreaterThan(0);
    expect(result.refusedCalls + result.expiredCalls + result.failedCalls).toBe(result.callsEnded);
    expect(result.firstFault).toBe('a call ended with status 13');
  });

  it('counts right answers that come after the deadline as late', async () => {
    const { port } = await serve((message) => message);
    const mode = { kind: 'open', callsPerSecond: 400, seed: 5, deadlineMs: 0.001 } as const;
    const late = await runLoad(plan(port, echoes(Uint8Array.of(1)), { mode }));
    expect(late).toMatchObject({ answersInWindow: 0, lateAnswers: late.callsEnded, failedCalls: 0 });
  });

  it('cancels a call, which ends once and without a status', async () => {
    const { port } = await serve((message) => message);
    const connection = await GrpcConnection.open(port);
    const statuses: number[] = [];
    const cancel = connection.call('/test/Echo', frameMessage(Uint8Array.of(1)), (status) => statuses.push(status));
    cancel();
    cancel();
    await connection.close();
    expect(statuses).toEqual([-1]);
  });

  it('keeps to the streams that the server allows, and to deadlines while calls wait for one', async () => {
    let inFlight = 0;
    let most = 0;
    const release: (() => void)[] = [];
    server = createServer({ settings: { maxConcurrentStreams: 3 } });
    server.on('stream', (stream) => {
      most = Math.max(most, ++inFlight);
      stream.on('error', () => undefined);
      stream.resume();
      release.push(() => {
        inFlight--;
        stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
      });
      if (release.length === 3) release.splice(0).forEach((answer) => answer());
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connection = await GrpcConnection.open(port);
    const call = (timeoutMs?: number): Promise<number> =>
      new Promise((resolve) => connection.call('/test/Echo', frameMessage(Uint8Array.of(1)), resolve, timeoutMs));
    // The first three tell the settings.
    expect(await Promise.all([call(), call(), call()])).toEqual([0, 0, 0]);
    const nine = Promise.all(Array.from({ length: 9 }, () => call()));
    const late = call(0);
    expect(await nine).toEqual(Array.from({ length: 9 }, () => 0));
    expect(await late).toBe(4);
    expect(most).toBe(3);
    await connection.close();
  });

  it('fails where nothing listens', async () => {
    const { port } = await serve((message) => message);
    await new Promise((resolve) => server!.close(resolve));
    await expect(runLoad(plan(port, echoes(Uint8Array.of(1))))).rejects.toThrow(/ECONNREFUSED/);
  });
});

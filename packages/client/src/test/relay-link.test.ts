import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RelayMessages, RelayResponseWriter, readRelayRequest, type RelayedCall } from '@tributary/contract';
import type { Hop, HopCall } from '../hop';
import { createRelayHop } from '../relay/relay-hop';
import { RelayLink } from '../relay/relay-link';
import { spawnTestUpstream } from '../testing';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server whose relay does as it is told; every other path is answered UNIMPLEMENTED. */
async function startRelay(
  onCall: (call: RelayedCall, stream: ServerHttp2Stream, writer: RelayResponseWriter) => void,
): Promise<{ hop: Hop; opened: () => number }> {
  let opened = 0;
  const server = createServer();
  server.on('session', (session) => closers.push(() => session.destroy()));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] !== '/tributary.relay.v1.RelayService/Relay') {
      stream.respond({ 'content-type': 'application/grpc', 'grpc-status': 12 }, { endStream: true });
      return;
    }
    opened += 1;
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const messages = new RelayMessages();
    const writer = new RelayResponseWriter();
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 13 }));
    stream.on('data', (chunk: Buffer) => {
      messages.take(chunk, (message) => {
        readRelayRequest(message, { onCall: (call) => onCall(call, stream, writer), onCancelled: () => undefined });
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hop = createRelayHop(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  closers.push(() => {
    hop.close();
    server.close();
  });
  await connected(hop);
  return { hop, opened: () => opened };
}

const aCall: HopCall = { path: '/a.B/C', request: [Buffer.from('x')], metadata: new Map(), timeoutMs: 20_000 };

/** The first call makes the connection, on a stream of its own. */
async function connected(hop: Hop): Promise<void> {
  expect(await hop.call({ ...aCall, path: '/first' })).toMatchObject({ code: 12 });
  expect(hop.connected()).toBe(true);
}

const echo = (call: RelayedCall, stream: ServerHttp2Stream, writer: RelayResponseWriter): void => {
  const none = new Map<string, string[]>();
  const message = Buffer.concat(call.message);
  writer.answer({ id: call.id, more: false, code: 0, details: '', headers: none, trailers: none, message });
  stream.write(writer.take());
};

describe('the relay as its caller sees it', () => {
  it('fails the calls that it still owes where it ends, and the next ones go on', async () => {
    let calls = 0;
    const { hop } = await startRelay((call, stream, writer) => {
      calls += 1;
      if (calls === 1) echo(call, stream, writer);
      else stream.end();
    });
    expect(await hop.call(aCall)).toMatchObject({ code: 0, answered: true });
    expect(await hop.call(aCall)).toMatchObject({ code: 14, answered: false });
    // On a stream of its own until there is a relay again.
    expect(await hop.call(aCall)).toMatchObject({ code: 12, answered: true });
    expect(hop.connected()).toBe(true);
  });

  it('fails the calls that it still owes where it sends what is no message', async () => {
    const { hop } = await startRelay((_call, stream) => void stream.write(Buffer.from('0000000001ff', 'hex')));
    expect(await hop.call(aCall)).toMatchObject({ code: 14, answered: false });
    expect(hop.connected()).toBe(true);
  });

  it('takes no calls once it wants none, and answers those under way', async () => {
    let answerFirst: (() => void) | undefined;
    const { hop } = await startRelay((call, stream, writer) => {
      if (answerFirst !== undefined) {
        echo(call, stream, writer);
        return;
      }
      answerFirst = () => echo(call, stream, writer);
      writer.draining();
      stream.write(writer.take());
    });
    const underWay = hop.call(aCall);
    // Until the wish has arrived, calls go over the relay; from then on each has a stream of its own.
    while ((await hop.call(aCall)).code !== 12);
    answerFirst?.();
    expect(await underWay).toMatchObject({ code: 0, answered: true });
  });

  it('sends long calls whole and one after the other, and drops those that are cancelled while they wait', async () => {
    const { hop } = await startRelay(echo);
    const cancelled = new AbortController();
    const requests = Array.from({ length: 8 }, (_, index) => [
      Buffer.alloc(300_000, index),
      Buffer.alloc(300_000, index + 100),
    ]);
    const answers = requests.map((request, index) =>
      hop.call({ ...aCall, request, ...(index === 5 && { signal: cancelled.signal }) }),
    );
    cancelled.abort();
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      if (index === 5) expect(answer).toMatchObject({ code: 1, answered: false });
      else expect(Buffer.concat(requests[index]!).equals(answer.message!)).toBe(true);
    }
  });

  it('is not there on a connection that is about to be lost', async () => {
    const session = connect('http://127.0.0.1:1');
    session.on('error', () => undefined);
    session.destroy();
    const opened = RelayLink.open(session, 1_000, { calls: 0, messagesSent: 0 }, () => undefined);
    expect(await opened).toBe('the connection was lost');
  });

  it('stays where this process itself stands still for longer than it waits for signs of life', async () => {
    const upstream = await spawnTestUpstream({ relay: true, models: [{ name: 'hang' }] });
    const hop = createRelayHop(upstream.address, { keepaliveTimeMs: 50, keepaliveTimeoutMs: 50 });
    closers.push(() => {
      hop.close();
      void upstream.kill();
    });
    const path = '/inference.GRPCInferenceService/ModelInfer';
    const cancelling = new AbortController();
    const request = [Buffer.from([10, 4, ...Buffer.from('hang')])];
    let ended = false;
    const hanging = hop.call({ ...aCall, path, request, signal: cancelling.signal }).finally(() => (ended = true));
    await upstream.called(1);
    const never = new Int32Array(new SharedArrayBuffer(4));
    for (let stops = 0; stops < 20; stops += 1) {
      Atomics.wait(never, 0, 0, 120);
      await turn();
    }
    expect([hop.connected(), ended]).toEqual([true, false]);
    cancelling.abort();
    expect(await hanging).toMatchObject({ code: 1, answered: false });
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { Method } from '../index';
import { FrameSocket, frameType, lastMessage, openCall, openWindows } from './raw-frames';
import { echo, startServing, type Serving } from './serving';

const largeBytes = 30 * 2 ** 20;
const large: Method = {
  path: '/demo.Demo/Large',
  kind: 'unary',
  handler: () => Promise.resolve(Buffer.alloc(largeBytes)),
};

let serving: Serving;
afterEach(() => serving.close());

/** A connection to a server that sends trailers at once. */
async function connect(): Promise<FrameSocket> {
  serving = await startServing([echo, large], {}, 'info', undefined, { trailersAtOnce: true });
  return new FrameSocket(serving.server.grpcPort);
}

/** Resolves when so many calls of a method have ended well by the server's count. */
async function answered(method: string, count: number): Promise<void> {
  const line = `tributary_grpc_requests_total{method="${method}",code="OK"}`;
  while (((await serving.metric(line)) ?? 0) < count) continue;
}

describe('a server that sends trailers at once', () => {
  it('gives one read whole answers: who is killed next takes no part of one along', async () => {
    const caller = await connect();
    const streams = [1, 3, 5];
    caller.socket.write(
      Buffer.concat(streams.flatMap((id) => [openCall(id, echo.path), lastMessage(id, Buffer.from('hello'))])),
    );
    await caller.until(frameType.headers, 2 * streams.length);
    for (const id of streams) {
      const frames = caller.ofStreams.filter(({ stream }) => stream === id);
      expect(frames.map(({ type }) => type)).toEqual([frameType.headers, frameType.data, frameType.headers]);
      expect(frames[2]!.endsStream).toBe(true);
      expect(new Set(frames.map(({ read }) => read)).size).toBe(1);
    }
    caller.socket.destroy();
  });

  it('sends them behind an answer that its caller does not read for a while', async () => {
    const caller = await connect();
    caller.socket.write(openWindows(2 * largeBytes));
    caller.socket.pause();
    caller.socket.write(Buffer.concat([openCall(1, large.path), lastMessage(1, Buffer.alloc(0))]));
    await answered('demo.Demo/Large', 1);
    caller.socket.write(Buffer.concat([openCall(3, echo.path), lastMessage(3, Buffer.from('hello'))]));
    caller.socket.resume();
    while (caller.ofStreams.filter(({ endsStream }) => endsStream).length < 2) await once(caller.socket, 'data');
    const ends = caller.ofStreams.filter(({ endsStream }) => endsStream);
    expect(ends.map(({ type, stream }) => [type, stream])).toEqual([
      [frameType.headers, 1],
      [frameType.headers, 3],
    ]);
    expect(caller.received.has(frameType.reset)).toBe(false);
    caller.socket.destroy();
  });
});

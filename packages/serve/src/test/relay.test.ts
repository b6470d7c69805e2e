import { afterEach, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import type { Method } from '../index';
import { RelayClient } from './relay-client';
import { echo, startServing, type Serving } from './serving';

const ECHO = '/demo.Demo/Echo';
let serving: Serving | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

it('answers', async () => {
  const large: Method = {
    path: '/demo.Demo/Large',
    kind: 'unary',
    handler: () => Promise.resolve(Buffer.alloc(3e6, 'large')),
  };
  serving = await startServing([echo, large]);
  const relay = new RelayClient(serving.client);
  await relay.opened();
  const answers = await Promise.all(
    relay.callTogether(Array.from({ length: 32 }, (_, i) => ({ path: ECHO, message: [Buffer.from(`m${i}`)] }))),
  );
  expect(answers.map(({ message }) => String(message))).toEqual(answers.map((_, i) => `m${i}`));
  expect(relay.messages).toBe(1);
  const l = await relay.call(large.path, Buffer.alloc(0));
  expect(l.message.equals(Buffer.alloc(3e6, 'large'))).toBe(true);
  expect((await relay.call('/x.Y/Z', Buffer.alloc(0))).code).toBe(Status.UNIMPLEMENTED);
  relay.stream.end();
  const end = await relay.ended;
  expect([end.code, end.resetCode]).toEqual([0, 0]);
});

it('refuses garbage', async () => {
  serving = await startServing([echo]);
  const relay = new RelayClient(serving.client);
  await relay.opened();
  relay.stream.write(Buffer.from('0000000001ff', 'hex'));
  const end = await relay.ended;
  expect([end.code, end.details?.reason]).toEqual([Status.INTERNAL, 'RELAY_MALFORMED']);
});

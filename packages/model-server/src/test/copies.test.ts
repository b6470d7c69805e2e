import { afterEach, expect, it } from '@jest/globals';
import { createClient } from '@tributary/client';
import { identity, tensor } from '@tributary/engine/testing';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { temporaryRepository } from '../testing';

/** What the server's main thread has done so far, in bytes. */
interface Count {
  readonly copied: number;
  readonly allocated: number;
}

const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

it('copies the bytes of a large tensor three times: into the batch, out of the memory of the runner, and into the answer', async () => {
  const repository = temporaryRepository({ same: { model: identity('FP32', ['n', 3, 224, 224]) } });
  undo.push(() => repository.remove());
  const child = fork(join(__dirname, 'counting-process.js'), [repository.folder], { stdio: ['ignore', 2, 2, 'ipc'] });
  undo.push(() => child.kill('SIGKILL'));
  const [{ address }] = (await once(child, 'message')) as [{ address: string }];
  const client = createClient(address);
  undo.push(() => client.close());
  const count = async (): Promise<Count> => {
    child.send('count');
    return ((await once(child, 'message')) as [Count])[0];
  };
  const input = tensor(
    'FP32',
    [1, 3, 224, 224],
    Float32Array.from({ length: 150_528 }, (_, index) => index),
  );
  const ask = async (calls: number): Promise<void> => {
    for (let call = 0; call < calls; call += 4) {
      const requests = Array.from({ length: 4 }, () =>
        client.infer({ model: 'same', inputs: new Map([['input', input]]) }),
      );
      for (const { outputs } of await Promise.all(requests)) {
        expect(Buffer.compare(outputs.get('output')!.bytes, input.bytes)).toBe(0);
      }
    }
  };
  await ask(8);
  const before = await count();
  const calls = 40;
  await ask(calls);
  const after = await count();
  const tensorBytes = input.bytes.length;
  const perCall = (kind: keyof Count): number => (after[kind] - before[kind]) / calls / tensorBytes;
  expect(perCall('copied')).toBeGreaterThanOrEqual(3);
  expect(perCall('copied')).toBeLessThan(3.1);
  // Batches lie in the memory that is shared with the runner; the output and the answer need their own.
  expect(perCall('allocated')).toBeGreaterThanOrEqual(2);
  expect(perCall('allocated')).toBeLessThan(2.4);
}, 60_000);

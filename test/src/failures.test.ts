import { describe, expect, it } from '@jest/globals';
import { startSystem } from '@tributary/cli';
import { createClient } from '@tributary/client';
import { models, root } from './support/system';

const env = { ...process.env, NO_COLOR: '1' };

describe('a system whose parts fail', () => {
  it('case 35: a service that is killed is refused as UNAVAILABLE, started again with backoff, and answers again', async () => {
    const restarts: string[] = [];
    let onRestarted = (): void => undefined;
    const restarted = new Promise<void>((resolve) => (onRestarted = resolve));
    const system = await startSystem({
      root,
      models,
      env,
      freePorts: true,
      onRestart: (name, how) => {
        restarts.push(`${name}: ${how}`);
        onRestarted();
      },
    });
    const router = createClient(system.address('router'));
    const watch = router.stream('grpc.health.v1.Health/Watch', { service: 'model/movies' });
    const call = (): Promise<unknown> =>
      router.call('tributary.recommendation.v1.RecommendationService/SimilarItems', { itemId: 318 });
    try {
      await router.waitUntilReady();
      await watchFor(watch, 1);
      await call();

      process.kill(system.processes.get('recommendation')!.pid()!, 'SIGKILL');
      await watchFor(watch, 2);
      await expect(call()).rejects.toMatchObject({ code: 14 });
      // The others go on meanwhile.
      await router.call('tributary.nlp.v1.NlpService/Tokenize', { texts: ['still here'] });

      await restarted;
      expect(restarts).toEqual(['recommendation: SIGKILL']);
      await watchFor(watch, 1);
      await call();
    } finally {
      await watch.return();
      router.close();
      expect(await system.stop()).toBe(true);
    }
  });

  it('case 44: SIGTERM under load loses no call that was accepted, and every process ends with code 0', async () => {
    const system = await startSystem({ root, models, env, freePorts: true });
    const router = createClient(system.address('router'));
    await router.waitUntilReady();
    const codes: number[] = [];
    const one = async (): Promise<void> => {
      const answer = await router.callBytes(
        '/tributary.nlp.v1.NlpService/Embed',
        Buffer.from([0x1a, 4, ...Buffer.from('word')]),
      );
      codes.push(answer.code);
    };
    const underWay = Array.from({ length: 64 }, one);
    await Promise.race(underWay);
    const stopped = system.stop();
    await Promise.all(underWay);
    expect(await stopped).toBe(true);
    router.close();
    // Those that arrived before the end are answered; none is cut off half-way (CANCELLED, INTERNAL, UNKNOWN).
    expect(codes.filter((code) => code !== 0 && code !== 14)).toEqual([]);
    expect(codes.filter((code) => code === 0).length).toBeGreaterThan(0);
  });
});

/** Reads a health watch until it shows `status`. */
async function watchFor(watch: AsyncGenerator<{ status: number }>, status: number): Promise<void> {
  for (;;) {
    const { value, done } = await watch.next();
    if (done === true) throw new Error('the watch ended');
    if (value.status === status) return;
  }
}

import { describe, expect, it } from '@jest/globals';
import { whyNoNamespaces } from '@tributary/cli';
import { runDrill, type Drill } from './drills/drill';
import { killOfReplica, killOfRouter } from './drills/loss-drills';
import { scale } from './drills/network-drills';
import { restartOfService } from './drills/restart-drills';

const calls = 1_000;

/** The short ones of `npm run drills`, with fewer calls. */
describe('a system under faults, by the client of this project and by gRPC for Python', () => {
  it.each<[string, Drill]>([
    ['case 48: loses no call while every replica of a service is restarted in turn', restartOfService],
    ['case 29: loses no call of three replicas that are killed and come back', killOfReplica],
    ['case 72: loses no call of two routers of which one is killed', killOfRouter],
    ['case 48: gives new replicas behind a name their share, and drains those that leave it', scale],
  ])('%s', async (_promise, drill) => {
    const why = drill.needsNamespaces === true ? whyNoNamespaces() : undefined;
    if (why !== undefined) {
      process.stderr.write(`skipped: ${drill.name}: ${why}\n`);
      return;
    }
    const { faults, answered } = await runDrill(drill, calls);
    expect(faults).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(calls);
  });
});

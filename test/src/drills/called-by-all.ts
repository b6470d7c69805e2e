import type { Replica } from '@tributary/cli';
import type { Loads, Stage } from './stage';

/** Answers over which shares are counted. */
const answersCounted = 200;
/** Of two routers, one that all clients call. One that half of them call has a quarter. */
const fairShare = 0.4;

/**
 * Resolves once every client calls a router that has come back: gRPC tries an address that refused it again after a second at the
 * earliest, and until then knows one router less.
 */
export async function calledByAll(router: Replica, stage: Stage, loads: Loads): Promise<void> {
  let share = 0;
  while (share < fairShare) {
    const before = [await stage.counted([router]), await stage.counted(stage.routers)] as const;
    await loads.answered(answersCounted);
    share = ((await stage.counted([router])) - before[0]) / ((await stage.counted(stage.routers)) - before[1]);
  }
}

import type { Drill } from './drill';
import { allGone, freeze, killOfReplica, killOfRouter, memoryKill } from './loss-drills';
import { brokenLink, dnsOutage, scale, slowLink } from './network-drills';
import { restartOfRouters, restartOfService, restartOfSystem, upgrade } from './restart-drills';

/** Every drill, in the order in which they run. */
export const drills: readonly Drill[] = [
  restartOfService,
  restartOfSystem,
  restartOfRouters,
  upgrade,
  killOfReplica,
  memoryKill,
  freeze,
  killOfRouter,
  allGone,
  slowLink,
  brokenLink,
  scale,
  dnsOutage,
];

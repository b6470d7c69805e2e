import { peerKeyNames, type KeyName } from '../keys/key';
import type { SideResult } from '../measure/ratio';
import type { KeyReport } from '../report';
import { cost, fixed, rate, renderTable } from '../text-table';

/** Our service beside each peer, one row a key; no lines where no such key was measured. */
export function renderPeers(keys: Readonly<Partial<Record<KeyName, KeyReport>>>): string[] {
  const rows = peerKeyNames.flatMap((name) => {
    const key = keys[name];
    if (key === undefined) return [];
    const sides = [key.numerator, key.denominator] as SideResult[];
    // Latencies are divided the other way round, so that more is better everywhere.
    const [ours, theirs] = name.endsWith('alone_p50') ? sides.reverse() : sides;
    const work = name.startsWith('peers.') ? name.split('.')[2]! : name.split('.')[0]!;
    return [[theirs!.name, work, fixed(key.ratio.median), ...figuresOf(ours!), ...figuresOf(theirs!)]];
  });
  if (rows.length === 0) return [];
  const head = ['peer', 'work', 'ratio', 'ours', 'CPU', 'p50', 'theirs', 'CPU', 'p50'];
  return ['', ...renderTable([head, ...rows])];
}

function figuresOf({ perSecond, cpuUsPerAnswer, p50Ms }: SideResult): string[] {
  return [
    `${rate(perSecond.median)}/s`,
    cpuUsPerAnswer === undefined ? '-' : cost(cpuUsPerAnswer),
    p50Ms === undefined ? '-' : `${fixed(p50Ms)} ms`,
  ];
}

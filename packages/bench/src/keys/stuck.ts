import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadRequest } from '../load/load-plan';
import { StuckCalls } from '../load/stuck-calls';
import { watchMemory } from '../measure/held-memory';
import type { Refusal } from '../measure/ratio';
import { served } from '../measure/served';
import { median, spread } from '../measure/statistics';
import { startRouter } from '../servers/router';
import type { Service } from '../servers/service';
import { makeTensorWorkload, modelInferPath } from '../workloads/tensor-workload';
import { wideAnswer, wideAnswerValues } from '../workloads/wide-answer';
import { atMost, windowOf, type Bench, type Key } from './key';
import { startTensorService } from './small';
import { makePictureMeans } from './tensors';

const connections = 4;
const warmUpMs = 1000;
/** What collectors give back comes in the seconds after a load. */
const restMs = 2000;
/** Until all that can arrive has arrived; with the watch behind it far less than keepalive takes to find a frozen upstream. */
const arriveMs = 2000;
const holdMs = 2000;

/** Something that leaves calls in flight, and what each of them weighs. */
interface Situation {
  readonly name: string;
  readonly service: Service;
  readonly requests: readonly LoadRequest[];
  readonly callsPerConnection: number;
  /** Of the message that is stuck: the request where the backend is stuck, the answer where its reader is. */
  readonly bytesPerCall: number;
  /** True: the backend is frozen while the calls come. */
  readonly freezes: boolean;
}

/** What one stay of a situation showed. */
interface Stay {
  readonly heldMegabytes: number;
  readonly mostMegabytes: number;
  readonly stuckMegabytes: number;
  readonly refusedCalls: number;
  readonly faults: readonly string[];
}

/**
 * What a stuck backend or a slow reader costs the router in memory. Growth counts from the idle level after a short load of the
 * same calls, as the least proportional set size in two seconds during which nothing moves; what is in flight are the messages of
 * the calls that have not ended, wherever their bytes lie, so that a hop that leaves them with the sender gains by it. Every
 * stay has a router of its own: what an allocator keeps from the last one would hide the growth.
 */
export const routerMemoryPerStuckMb: Key = {
  name: 'router.memory_per_stuck_mb',
  meaning:
    'memory (Pss) the router grows by / bytes in flight: 60 MB to a frozen backend or 67 MB unread by callers, the worse',
  target: atMost(2),
  steps: ({ rounds }) => rounds * 2 + 1,
  async measure(bench) {
    const frozen = await frozenBackend(bench);
    const unread = await slowReaders(bench);
    const stays = new Map<Situation, Stay[]>([
      [frozen, []],
      [unread, []],
    ]);
    for (let round = 0; round < bench.rounds; round++) {
      for (const [situation, seen] of stays) seen.push(await stay(bench, situation));
    }
    const results = [...stays].map(([situation, seen]) => ({ situation, seen, ratios: seen.map(ratioOf) }));
    const [worse] = results.toSorted((a, b) => median(b.ratios) - median(a.ratios));
    const { situation, seen, ratios } = worse!;
    return {
      ...{ ratios, ratio: spread(ratios), refusals: results.flatMap(refusalsOf) },
      numerator: { name: 'router, growth', megabytes: spread(seen.map(({ heldMegabytes }) => heldMegabytes)) },
      denominator: { name: situation.name, megabytes: spread(seen.map(({ stuckMegabytes }) => stuckMegabytes)) },
      notes: [...results.map(describe), await describeBound(bench, frozen)],
    };
  },
};

/** 60 MB of requests to a process that is stopped: it accepts what its socket holds and answers nothing. */
async function frozenBackend(bench: Bench): Promise<Situation> {
  const site = await siteFor(bench, 'frozen');
  const { repository, requests } = await makePictureMeans(site);
  return {
    ...{ name: 'requests to a frozen backend', freezes: true, requests, callsPerConnection: 25 },
    bytesPerCall: requests[0]!.message.length,
    service: await startTensorService(site, repository),
  };
}

/** 67 MB of answers that their callers do not read. */
async function slowReaders(bench: Bench): Promise<Situation> {
  const site = await siteFor(bench, 'unread');
  const { repository, requests } = await makeTensorWorkload(site, {
    ...{ name: 'wide-answer', graph: wideAnswer(), settings: {}, tolerance: 1e-6 },
    input: { name: 'value', datatype: 'FP32', shape: [1, 1] },
    rows: [Float32Array.of(1), Float32Array.of(2)],
  });
  return {
    ...{ name: 'answers that callers do not read', freezes: false, requests, callsPerConnection: 4 },
    bytesPerCall: wideAnswerValues * Float32Array.BYTES_PER_ELEMENT,
    service: await startTensorService(site, repository),
  };
}

async function siteFor(bench: Bench, name: string): Promise<Bench> {
  const scratch = join(bench.scratch, name);
  await mkdir(scratch);
  return { ...bench, scratch };
}

async function stay(
  bench: Bench,
  { name, service, requests, callsPerConnection, bytesPerCall, freezes }: Situation,
  flags: readonly string[] = [],
): Promise<Stay> {
  const router = await startRouter(bench.group, bench, [service], flags);
  const mode = { kind: 'closed', inFlightPerConnection: 1 } as const;
  const load = { path: modelInferPath, requests, connections, mode };
  const warmUp = await served(bench.generator, router, load).measure(windowOf(bench, warmUpMs));
  const idle = await watchMemory(router.pid, restMs);
  if (freezes) process.kill(service.pid, 'SIGSTOP');
  const calls = new StuckCalls({
    ...{ port: router.port, path: modelInferPath, requests, connections, callsPerConnection },
  });
  try {
    const arriving = await watchMemory(router.pid, arriveMs);
    const held = await watchMemory(router.pid, holdMs);
    const inFlight = calls.inFlight();
    if (freezes) process.kill(service.pid, 'SIGCONT');
    const faults = [...warmUp.faults, ...(await calls.release())];
    const growth = (bytes: number): number => (bytes - idle.leastBytes) / 1e6;
    const heldMegabytes = growth(held.leastBytes);
    bench.progress.step(`${name}: ${heldMegabytes.toFixed(1)} MB held`);
    return {
      ...{ heldMegabytes, faults, refusedCalls: connections * callsPerConnection - inFlight },
      mostMegabytes: growth(Math.max(arriving.mostBytes, held.mostBytes)),
      stuckMegabytes: (inFlight * bytesPerCall) / 1e6,
    };
  } finally {
    if (freezes) process.kill(service.pid, 'SIGCONT');
    calls.close();
    await router.end();
  }
}

/** NaN, which reaches nothing, where nothing was left in flight. */
function ratioOf({ heldMegabytes, stuckMegabytes }: Stay): number {
  return stuckMegabytes > 0 ? heldMegabytes / stuckMegabytes : Number.NaN;
}

function refusalsOf({ situation, seen }: { readonly situation: Situation; readonly seen: readonly Stay[] }): Refusal[] {
  const texts = new Set(seen.flatMap(({ faults }) => faults));
  if (seen.some(({ stuckMegabytes }) => stuckMegabytes === 0)) texts.add('no call stayed in flight');
  return [...texts].map((text) => ({ kind: 'answers', text: `${situation.name}: ${text}` }));
}

function describe({
  situation,
  seen,
  ratios,
}: {
  readonly situation: Situation;
  readonly seen: readonly Stay[];
  readonly ratios: readonly number[];
}): string {
  const megabytes = (figure: 'heldMegabytes' | 'mostMegabytes' | 'stuckMegabytes'): string =>
    median(seen.map((each) => each[figure])).toFixed(0);
  const refused = median(seen.map(({ refusedCalls }) => refusedCalls));
  return (
    `${situation.name}: ${median(ratios).toFixed(2)} (${megabytes('heldMegabytes')} MB for ${megabytes('stuckMegabytes')}, ` +
    `at most ${megabytes('mostMegabytes')} on the way there${refused > 0 ? `; ${refused} calls refused` : ''})`
  );
}

/** The bound of bytes in flight, of requests: with half of what is sent, the rest must be refused and not be held. */
async function describeBound(bench: Bench, frozen: Situation): Promise<string> {
  const { heldMegabytes, stuckMegabytes, refusedCalls } = await stay(bench, frozen, ['--max-bytes-in-flight=30MiB']);
  return (
    `bounded by maxBytesInFlight (256 MiB of requests; of unread answers on each connection): with 30 MiB ${refusedCalls} of ` +
    `${connections * frozen.callsPerConnection} calls to the frozen backend are refused, and ${heldMegabytes.toFixed(0)} MB held for the ` +
    `${stuckMegabytes.toFixed(0)} MB of the others`
  );
}

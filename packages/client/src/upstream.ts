import { setTimeout as pause } from 'node:timers/promises';
import { lengthOf, Status } from '@tributary/contract';
import { backoffMs } from './backoff';
import type { Random } from './choose-upstream';
import { followHealth, followModels, type UpstreamReports } from './follow-upstream';
import type { Hop, HopAnswer, HopCall, HopKind, HopOpening, HopStream, RelayTraffic } from './hop';
import type { ServedModel } from './served-model';
import { UpstreamCounts } from './upstream-counts';

/**
 * CONNECTING: no connection, or it has not said yet what it serves. READY: it gets calls. NOT_SERVING: it answers, but says
 * that it is not serving (loading, draining).
 */
export type UpstreamState = 'CONNECTING' | 'READY' | 'NOT_SERVING';

/** One replica of a service. */
export interface Upstream {
  /** `host:port` */
  readonly address: string;
  readonly state: UpstreamState;
  /** Kind of service, e.g. `nlp`; '' until it has answered for the first time. */
  readonly service: string;
  /** Every version of every model it listed last, ready or not; kept while it is away. */
  readonly models: readonly ServedModel[];
  /** Calls sent and not answered yet. */
  readonly outstanding: number;
  /** How calls get there. Until the first connection stands: how they would like to. */
  readonly hop: HopKind;
  /** What has gone there and come back. */
  readonly counts: UpstreamCounts;
  /** What the relay to it has carried; undefined where calls never go by one. */
  readonly relayed: RelayTraffic | undefined;
  /** As Hop.call; where it finds the connection lost, the upstream leaves READY before the promise settles. */
  call(call: HopCall): Promise<HopAnswer>;
  /** As Hop.open; outstanding until it has ended. */
  open(call: HopOpening): HopStream;
}

/** An upstream and its end. */
export interface FollowedUpstream extends Upstream {
  /** Follows it no longer, and closes its connection once the calls under way are answered. */
  close(): void;
}

export interface FollowOptions {
  /** After every change of state, service or models. */
  readonly onChange: (upstream: Upstream) => void;
  /** Pause between two questions to servers that have no streams to follow. */
  readonly pollIntervalMs: number;
  readonly random: Random;
}

/** A session this long counts as sound: its end is followed by a new one at once. */
const soundSessionMs = 5_000;

/**
 * Connects to an upstream and keeps following its health and its models over the connection that carries the calls, so that
 * what is said of the upstream is true of that connection.
 */
export function followUpstream(address: string, hop: Hop, options: FollowOptions): FollowedUpstream {
  const closing = new AbortController();
  let state: UpstreamState = 'CONNECTING';
  let service = '';
  let models: readonly ServedModel[] = [];
  let outstanding = 0;
  const counts = new UpstreamCounts();
  // What this session has heard; undefined: nothing yet.
  let serving: boolean | undefined;
  let modelsHeard = false;
  let session = new AbortController();

  const upstream: FollowedUpstream = {
    address,
    get state() {
      return state;
    },
    get service() {
      return service;
    },
    get models() {
      return models;
    },
    get outstanding() {
      return outstanding;
    },
    get hop() {
      return hop.kind;
    },
    counts,
    get relayed() {
      return hop.traffic?.();
    },
    call: async (call) => {
      outstanding += 1;
      counts.bytesSent += lengthOf(call.request);
      const answer = await hop.call(call);
      if (answer.message !== undefined) counts.bytesReceived += answer.message.length;
      ended(answer);
      return answer;
    },
    open: (call) => {
      outstanding += 1;
      const stream = counts.counting(hop.open(call));
      void stream.ended.then(ended);
      return stream;
    },
    close: () => {
      closing.abort();
      session.abort();
      closeWhenIdle();
    },
  };

  const reports: UpstreamReports = {
    serving: (value) => {
      serving = value;
      update();
    },
    models: (kind, list) => {
      service = kind;
      models = list;
      modelsHeard = true;
      update(true);
    },
  };

  function update(modelsChanged = false): void {
    const next = serving === undefined || !modelsHeard ? 'CONNECTING' : serving ? 'READY' : 'NOT_SERVING';
    const stateChanged = next !== state;
    state = next;
    if ((stateChanged || modelsChanged) && !closing.signal.aborted) options.onChange(upstream);
  }

  /** Also ends the session: what is heard from here on must come over a new connection. */
  function leave(): void {
    serving = undefined;
    modelsHeard = false;
    session.abort();
    update();
  }

  function ended(answer: HopAnswer): void {
    outstanding -= 1;
    counts.callEnded(answer.code);
    // A refused stream on a sound connection (GOAWAY) is no reason to leave.
    if (!answer.answered && answer.code === Status.UNAVAILABLE && !hop.connected()) leave();
    closeWhenIdle();
  }

  function closeWhenIdle(): void {
    // Not out of the end of a stream: Node 20 hangs where a session is destroyed in the turn in which one of its streams closes.
    if (closing.signal.aborted && outstanding === 0) setImmediate(() => hop.close());
  }

  async function follow(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      const begin = performance.now();
      session = new AbortController();
      const context = { hop, session, reports, pollIntervalMs: options.pollIntervalMs };
      await Promise.race([followHealth(context), followModels(context)]);
      session.abort();
      // A server that renews its connections ends the streams on the old one, while the new one is sound already.
      if (state === 'CONNECTING' || !hop.connected()) leave();
      failures = performance.now() - begin >= soundSessionMs ? 0 : failures + 1;
      if (failures === 0) continue;
      await pause(backoffMs(failures, options.random), undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  void follow();
  return upstream;
}

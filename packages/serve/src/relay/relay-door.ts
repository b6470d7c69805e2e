import { status as Status } from '@grpc/grpc-js';
import { refusal, statusName, type TributaryError } from '@tributary/contract';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { performance } from 'node:perf_hooks';
import type { Admission } from '../call/admission';
import type { CallStatus } from '../call/call-status';
import type { FailureLog } from '../call/failure-log';
import { requestIdFrom } from '../call/request-id';
import type { RelayCounts } from '../metrics/relay-counts';
import type { MethodMetrics } from '../metrics/serve-metrics';
import type { RelayCaller } from './relay-caller';
import { RelayStream, type RelaySurroundings } from './relay-stream';
import type { RelayWire } from './relay-wire';

/** Full name of the service; its one method is below. */
export const relayServiceName = 'tributary.relay.v1.RelayService';
/** Path of the call that is a relay. */
export const relayPath = `/${relayServiceName}/Relay`;

/** Relays of one connection. One carries as much as a connection does; more let a caller sort its calls. */
export const maxRelaysOfConnection = 4;

/** What the relays of a process share. */
export interface RelayDoorOptions {
  /** Counts the bytes of calls that have arrived in part. */
  readonly partial: Admission;
  /** A relay that owes bytes and moves none for so long is ended. */
  readonly patienceMs: number;
  /** Takes a call that has arrived. */
  readonly onCall: (wire: RelayWire) => void;
  readonly counts: RelayCounts;
  readonly metrics: MethodMetrics;
  readonly failureLog: FailureLog;
}

/** The relays of a process. */
export class RelayDoor implements RelaySurroundings {
  readonly counts: RelayCounts;
  readonly partial: Admission;
  readonly patienceMs: number;
  /** Of relays as calls. */
  readonly metrics: MethodMetrics;
  private readonly ownOpen = new Map<
    RelayStream,
    { readonly session: Http2Session | undefined; readonly sinceMs: number }
  >();
  private draining = false;
  /** Runs while relays are open. */
  private progressTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RelayDoorOptions) {
    this.counts = options.counts;
    this.partial = options.partial;
    this.patienceMs = options.patienceMs;
    this.metrics = options.metrics;
  }

  /** Whether another relay fits on the connection of a stream; or why not. */
  refuse(stream: ServerHttp2Stream): TributaryError | undefined {
    let ofConnection = 0;
    for (const { session } of this.ownOpen.values()) if (session === stream.session) ofConnection += 1;
    return ofConnection < maxRelaysOfConnection
      ? undefined
      : refusal('RELAYS_LIMIT', { expected: maxRelaysOfConnection });
  }

  /** Takes a stream that is a relay. `caller`: undefined where callers need not say who they are. */
  open(stream: ServerHttp2Stream, caller: RelayCaller | undefined): void {
    const relay = new RelayStream(stream, this, caller);
    this.ownOpen.set(relay, { session: stream.session, sinceMs: performance.now() });
    this.counts.open += 1;
    this.progressTimer ??= setInterval(() => {
      for (const each of [...this.ownOpen.keys()]) each.checkProgress();
    }, this.patienceMs).unref();
    relay.start();
    if (this.draining) relay.drain();
  }

  /** Asks all callers to begin no more calls. */
  drain(): void {
    this.draining = true;
    for (const relay of this.ownOpen.keys()) relay.drain();
  }

  /** Ends all relays; their calls have been cut off. */
  cutOff(): void {
    for (const relay of [...this.ownOpen.keys()]) relay.cutOff();
  }

  onCall(wire: RelayWire): void {
    this.options.onCall(wire);
  }

  onClose(relay: RelayStream): void {
    this.ownOpen.delete(relay);
    this.counts.open -= 1;
    if (this.ownOpen.size > 0) return;
    clearInterval(this.progressTimer);
    this.progressTimer = undefined;
  }

  onEnd(relay: RelayStream, failure: CallStatus | undefined): void {
    const { sinceMs } = this.ownOpen.get(relay)!;
    const durationMs = performance.now() - sinceMs;
    const code = failure?.code ?? Status.OK;
    this.metrics.ended(code, durationMs / 1000, failure?.reason);
    if (failure === undefined) return;
    this.options.failureLog.failed({
      requestId: requestIdFrom(undefined),
      method: relayPath.slice(1),
      code: statusName(code),
      durationMs,
      status: failure,
    });
  }
}

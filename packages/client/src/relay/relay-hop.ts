import type { ClientHttp2Session } from 'node:http2';
import { lengthOf, Status } from '@tributary/contract';
import { createChannelHop, type ChannelHopOptions } from '../channel-hop';
import {
  failure,
  type Hop,
  type HopAnswer,
  type HopCall,
  type HopKind,
  type HopOpening,
  type HopStream,
  type RelayTraffic,
} from '../hop';
import { withToken } from '../hop-security';
import { Connection } from '../http2/connection';
import { DuplexCall } from '../http2/duplex-call';
import { callOnStream } from '../http2/stream-call';
import { RelayLink } from './relay-link';

/** Settings of the hop to an upstream that may have the relay. */
export interface RelayHopOptions extends Omit<ChannelHopOptions, 'onLost'> {
  /** Longest request that goes over the relay, in bytes; longer ones have a stream of their own. */
  readonly maxRelayedBytes?: number;
  /** How calls travel from now on; `reason` says why not over the relay. Told at every connection. */
  readonly onHop?: (kind: HopKind, reason: string) => void;
}

/**
 * What a request may measure to go over the relay: a long message holds up the calls behind it for as long as its bytes need.
 * Measured: docs/decisions/0011-hop.md.
 */
const defaultMaxRelayedBytes = 2 ** 20;

/** After a link that broke on a sound connection, calls have streams of their own for this long. */
const relinkPauseMs = 1_000;

/**
 * A hop to an upstream of our own kind at `address` (`host:port`): small calls together over one stream of the relay, large ones and
 * streams of answers on streams of HTTP/2 of their own, all on one connection. What the upstream is shows when the connection is made:
 * where it has no relay, its calls go plainly, by grpc-js, until it is lost.
 */
export function createRelayHop(address: string, options: RelayHopOptions = {}): Hop {
  return new RelayHop(address, options);
}

type PlainHop = ReturnType<typeof createChannelHop>;

class RelayHop implements Hop {
  private readonly connection: Connection;
  private readonly maxAnswerBytes: number;
  private readonly maxRelayedBytes: number;
  private readonly ownTraffic = { calls: 0, messagesSent: 0 };
  private link: RelayLink | undefined;
  private plain: PlainHop | undefined;
  private closed = false;

  constructor(
    private readonly address: string,
    private readonly options: RelayHopOptions,
  ) {
    this.maxAnswerBytes = options.maxAnswerBytes ?? 64 * 2 ** 20;
    this.maxRelayedBytes = options.maxRelayedBytes ?? defaultMaxRelayedBytes;
    this.connection = new Connection(address, {
      keepaliveTimeMs: options.keepaliveTimeMs ?? 10_000,
      keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? 5_000,
      maxReconnectBackoffMs: options.maxReconnectBackoffMs ?? 2_000,
      flowControlWindowBytes: options.flowControlWindowBytes ?? 2 * 2 ** 20,
      tls: options.tls,
      accept: (session) => this.accept(session),
      onLeft: () => this.link?.drain(),
    });
  }

  get kind(): HopKind {
    return this.plain?.kind ?? 'relay';
  }

  traffic(): RelayTraffic {
    return this.ownTraffic;
  }

  connected(): boolean {
    return this.plain?.connected() ?? this.connection.connected;
  }

  call(call: HopCall): Promise<HopAnswer> {
    if (call.signal?.aborted === true)
      return Promise.resolve(failure(Status.CANCELLED, 'cancelled before it was sent'));
    const link = this.link;
    if (link?.isOpen === true && lengthOf(call.request) <= this.maxRelayedBytes) return link.call(call);
    return this.send(call, undefined);
  }

  stream(call: HopCall, onMessage: (message: Uint8Array) => void): Promise<HopAnswer> {
    if (call.signal?.aborted === true)
      return Promise.resolve(failure(Status.CANCELLED, 'cancelled before it was sent'));
    return this.send(call, onMessage);
  }

  open(call: HopOpening): HopStream {
    return new DuplexCall(withToken(call, this.options), this.maxAnswerBytes, (opening) => this.findSession(opening));
  }

  close(): void {
    this.closed = true;
    this.connection.stop();
    this.plain?.close();
  }

  /** On a stream of its own or plainly, once there is a connection. */
  private async send(call: HopCall, onMessage: ((message: Uint8Array) => void) | undefined): Promise<HopAnswer> {
    const startedMs = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.find(call);
      if ('answered' in found) return found;
      const sent = { ...call, timeoutMs: Math.max(0, call.timeoutMs - (performance.now() - startedMs)) };
      // The plain hop has the token itself.
      if ('findSession' in found) return onMessage === undefined ? found.call(sent) : found.stream(sent, onMessage);
      const { answer, refused } = await callOnStream(
        found,
        withToken(sent, this.options),
        this.maxAnswerBytes,
        onMessage,
      );
      // Unseen, as a server does while it renews the connection: once more, on the next one.
      if (!refused || attempt > 1) return answer;
    }
  }

  private async findSession(call: HopOpening): Promise<ClientHttp2Session | HopAnswer> {
    const found = await this.find(call);
    return 'findSession' in found ? found.findSession(call) : found;
  }

  /** What a call can be sent on, or how it ended where there came nothing. */
  private async find(call: HopOpening): Promise<PlainHop | ClientHttp2Session | HopAnswer> {
    for (;;) {
      if (this.plain !== undefined) return this.plain;
      if (this.closed) return failure(Status.UNAVAILABLE, 'the hop is closed');
      // Stopped where it goes on plainly, or is closed.
      const found = this.connection.session ?? (await this.connection.findSession(call));
      if (found !== undefined) return found;
    }
  }

  /** A session has begun: asks for the relay, and goes on plainly where there is none. */
  private async accept(session: ClientHttp2Session): Promise<boolean> {
    const opened = await this.openLink(session);
    if (session.destroyed || this.closed) return false;
    if (typeof opened !== 'string') {
      this.options.onHop?.('relay', '');
      return true;
    }
    this.goPlain(opened);
    return false;
  }

  private async openLink(session: ClientHttp2Session): Promise<RelayLink | string> {
    const onEnd = (): void => this.relink(session);
    const opened = await RelayLink.open(session, this.maxAnswerBytes, this.ownTraffic, onEnd, this.options.token?.());
    if (typeof opened !== 'string') this.link = opened;
    return opened;
  }

  /** A link has ended. Where its connection goes on, another takes its place after a while; until then calls have streams of their own. */
  private relink(session: ClientHttp2Session): void {
    setTimeout(() => {
      if (session !== this.connection.session || this.link?.isOpen === true) return;
      void this.openLink(session).then((opened) => {
        if (typeof opened === 'string') this.relink(session);
      });
    }, relinkPauseMs).unref();
  }

  private goPlain(reason: string): void {
    const plain = createChannelHop(this.address, {
      ...this.options,
      // What comes back at this address may be another server.
      onLost: () => {
        if (this.plain !== plain || this.closed) return;
        this.plain = undefined;
        plain.close();
        this.connection.start();
      },
    });
    this.plain = plain;
    this.options.onHop?.('plain', reason);
  }
}

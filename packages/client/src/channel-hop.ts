import {
  Channel,
  connectivityState,
  Metadata,
  status as grpcStatus,
  type ChannelOptions,
  type StatusObject,
} from '@grpc/grpc-js';
import { joinPieces, Status } from '@tributary/contract';
import { failure, type Hop, type HopAnswer, type HopCall, type HopMetadata } from './hop';
import { channelCredentials, withToken, type HopSecurity } from './hop-security';
import { DuplexCall, type FindSession } from './http2/duplex-call';
import { transportHeaders } from './http2/grpc-headers';
import { StreamConnection } from './http2/stream-connection';

/** Settings of a connection to one upstream. Times in milliseconds, sizes in bytes. */
export interface ChannelHopOptions extends HopSecurity {
  /** Largest answer that is accepted; default 64 MiB. What may be sent is the upstream's to limit. */
  readonly maxAnswerBytes?: number;
  /** Silence on the connection before it is asked for a sign of life; default 10 s. */
  readonly keepaliveTimeMs?: number;
  /** How long that sign may take before the connection counts as lost; default 5 s. */
  readonly keepaliveTimeoutMs?: number;
  /** Longest pause between attempts to connect; the first is 50 ms. Default 2 s. */
  readonly maxReconnectBackoffMs?: number;
  /**
   * Bytes an upstream may send before it waits for us; default 2 MiB: the 64 KiB of HTTP/2 cost a round trip each, and what does
   * not fit into the buffers of the sockets can stall both ends.
   */
  readonly flowControlWindowBytes?: number;
  /** Balancing and retries among the addresses of a target, as gRPC's service config in JSON; default: one address, no retries. */
  readonly serviceConfig?: string;
  /** A connection that stood was lost, and the attempt to make it again has failed. */
  readonly onLost?: () => void;
}

const defaults = {
  maxAnswerBytes: 64 * 2 ** 20,
  keepaliveTimeMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  maxReconnectBackoffMs: 2_000,
  flowControlWindowBytes: 2 * 2 ** 20,
};

const noMetadata: HopMetadata = new Map();

/**
 * A hop over grpc-js: one HTTP/2 connection to `address` (`host:port`), made with the first call and at once again after a loss.
 * It goes straight to the address whatever HTTP proxy the environment names. A call is sent once; only where the upstream
 * refused its stream unseen, as it does while it renews a connection (GOAWAY), is it sent again. Calls with messages both ways have a
 * second connection, made with the first of them.
 */
export function createChannelHop(address: string, options: ChannelHopOptions = {}): Hop & { findSession: FindSession } {
  const streams = new StreamConnection(address, {
    keepaliveTimeMs: options.keepaliveTimeMs ?? defaults.keepaliveTimeMs,
    keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? defaults.keepaliveTimeoutMs,
    maxReconnectBackoffMs: options.maxReconnectBackoffMs ?? defaults.maxReconnectBackoffMs,
    flowControlWindowBytes: options.flowControlWindowBytes ?? defaults.flowControlWindowBytes,
    tls: options.tls,
  });
  const findSession: FindSession = (call) => streams.findSession(call);
  const channel = new Channel(address, channelCredentials(options.tls), toChannelOptions(options));
  stayConnected(channel, false, options.onLost);
  return {
    kind: 'plain',
    call: (call) => start(channel, withToken(call, options), undefined),
    stream: (call, onMessage) => start(channel, withToken(call, options), onMessage),
    open: (call) =>
      new DuplexCall(withToken(call, options), options.maxAnswerBytes ?? defaults.maxAnswerBytes, findSession),
    findSession,
    connected: () => channel.getConnectivityState(false) === connectivityState.READY,
    close: () => {
      channel.close();
      streams.close();
    },
  };
}

/**
 * Connects again where a connection ends. Else a connection that the upstream wants renewed (GOAWAY) would be followed by none
 * until the next call, and the end of its last stream would look like a loss.
 */
function stayConnected(channel: Channel, hasStood: boolean, onLost: (() => void) | undefined): void {
  const { READY, SHUTDOWN, TRANSIENT_FAILURE } = connectivityState;
  const state = channel.getConnectivityState(false);
  if (state === SHUTDOWN) return;
  // Not from here: whoever is told may close the channel.
  if (state === TRANSIENT_FAILURE && hasStood && onLost !== undefined) queueMicrotask(onLost);
  channel.watchConnectivityState(state, Infinity, () => {
    // Not where the channel was closed: grpc-js would begin to connect once more, and nothing could end that.
    if (state === READY && channel.getConnectivityState(false) !== SHUTDOWN) channel.getConnectivityState(true);
    stayConnected(channel, hasStood || state === READY, onLost);
  });
}

function toChannelOptions(options: ChannelHopOptions): ChannelOptions {
  return {
    'grpc.max_receive_message_length': options.maxAnswerBytes ?? defaults.maxAnswerBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': options.keepaliveTimeMs ?? defaults.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs ?? defaults.keepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': options.maxReconnectBackoffMs ?? defaults.maxReconnectBackoffMs,
    'grpc-node.flow_control_window': options.flowControlWindowBytes ?? defaults.flowControlWindowBytes,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    // Without a policy grpc-js repeats only refused streams, and those of any size: requests are kept by our callers anyway.
    'grpc.per_rpc_retry_buffer_size': 2 ** 31 - 1,
    'grpc.retry_buffer_size': Number.MAX_SAFE_INTEGER,
    'grpc.enable_channelz': 0,
    'grpc.service_config_disable_resolution': 1,
    ...(options.serviceConfig !== undefined && { 'grpc.service_config': options.serviceConfig }),
    // How soon a name is asked again once an address of it is lost; grpc-js waits 30 s.
    'grpc.dns_min_time_between_resolutions_ms': 5_000,
  };
}

function start(
  channel: Channel,
  hopCall: HopCall,
  onMessage: ((message: Uint8Array) => void) | undefined,
): Promise<HopAnswer> {
  return new Promise((resolve) => {
    try {
      run(channel, hopCall, onMessage, resolve);
    } catch (error) {
      // Closed channels and metadata that HTTP/2 cannot carry are thrown.
      resolve(failure(Status.UNAVAILABLE, String(error)));
    }
  });
}

function run(
  channel: Channel,
  hopCall: HopCall,
  onMessage: ((message: Uint8Array) => void) | undefined,
  settle: (answer: HopAnswer) => void,
): void {
  const { signal } = hopCall;
  if (signal?.aborted === true) {
    settle(failure(Status.CANCELLED, 'cancelled before it was sent'));
    return;
  }
  const deadline = hopCall.timeoutMs === Infinity ? Infinity : Date.now() + hopCall.timeoutMs;
  const call = channel.createCall(hopCall.path, deadline, null, null, null);
  const cancel = (): void => {
    call.cancelWithStatus(grpcStatus.CANCELLED, 'cancelled');
  };
  let headers = noMetadata;
  let message: Uint8Array | undefined;
  call.start(toMetadata(hopCall), {
    onReceiveMetadata: (metadata) => {
      headers = fromMetadata(metadata);
    },
    onReceiveMessage: (received: Uint8Array | null) => {
      if (received === null) return;
      if (onMessage !== undefined) onMessage(received);
      else if (message === undefined) message = received;
      else call.cancelWithStatus(grpcStatus.INTERNAL, 'two answers to one call');
      call.startRead();
    },
    onReceiveStatus: (status) => {
      signal?.removeEventListener('abort', cancel);
      settle(toAnswer(status, headers, message, onMessage !== undefined));
    },
  });
  signal?.addEventListener('abort', cancel);
  call.startRead();
  call.sendMessageWithContext({}, asBuffer(joinPieces(hopCall.request)));
  call.halfClose();
}

function toAnswer(
  status: StatusObject,
  headers: HopMetadata,
  message: Uint8Array | undefined,
  isStream: boolean,
): HopAnswer {
  const code: number = status.code;
  const answered = isUpstreamStatus(status, headers);
  if (!answered && (code === Status.INTERNAL || status.details.startsWith('Bandwidth exhausted'))) {
    // A stream that was reset without a status is a lost connection, whatever the code of the reset.
    return failure(Status.UNAVAILABLE, status.details);
  }
  if (code === Status.OK && message === undefined && !isStream) {
    return failure(Status.UNAVAILABLE, 'the call ended well but without an answer');
  }
  return {
    code,
    details: status.details,
    message: code === Status.OK ? message : undefined,
    headers,
    trailers: fromMetadata(status.metadata),
    answered,
  };
}

/**
 * grpc-js does not say whether a status was received or made by itself. Its own come with empty metadata, and so do received
 * ones only where headers came before and the upstream added no trailers: there its fixed words tell them apart.
 */
function isUpstreamStatus(status: StatusObject, headers: HopMetadata): boolean {
  if (Object.keys(status.metadata.getMap()).length > 0) return true;
  return headers !== noMetadata && !libraryWords.test(status.details);
}

const libraryWords =
  /^(cancelled$|Connection dropped|Call cancelled|Received RST_STREAM|Received message larger|Stream refused|Deadline exceeded|Bandwidth exhausted|Protocol not secure|two answers|(read|write) E[A-Z]+)/;

function toMetadata(call: HopCall): Metadata {
  const metadata = new Metadata({ waitForReady: call.waitForReady ?? false });
  for (const [key, values] of call.metadata) {
    for (const value of values) metadata.add(key, value);
  }
  return metadata;
}

function fromMetadata(metadata: Metadata): HopMetadata {
  const result = new Map<string, (string | Buffer)[]>();
  for (const key of Object.keys(metadata.getMap())) {
    if (!transportHeaders.has(key)) result.set(key, metadata.get(key));
  }
  return result;
}

/** The same bytes as a Buffer; no copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

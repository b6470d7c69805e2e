import { ServerInterceptingCall, status as Status, type Server, type ServerInterceptor } from '@grpc/grpc-js';
import { maxRelayMessageBytes, refusal, TributaryError } from '@tributary/contract';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import { forwardedCallerKey, type Access, type CallerOfCall } from '../access/access';
import type { Caller } from '../access/caller';
import type { BuiltInMethod, Method } from '../method';
import type { RelayCounts } from '../metrics/relay-counts';
import type { MethodMetrics } from '../metrics/serve-metrics';
import { RelayCaller } from '../relay/relay-caller';
import { RelayDoor, relayPath } from '../relay/relay-door';
import type { RelayWire } from '../relay/relay-wire';
import type { Tracer } from '../tracing/tracer';
import { Admission } from './admission';
import {
  boundedDeadline,
  deadlineOf,
  metadataFits,
  refuseStream,
  relayedMetadataFits,
  rewriteDeadline,
} from './arrival';
import { acceptedEncodings, GrpcJsWire } from './call-wire';
import { FailureLog } from './failure-log';
import { offered, toBuffer } from './metadata';
import { OpenCalls } from './open-calls';
import { Refusals } from './refusals';
import { ServedCall, type Arrival, type CallSurroundings } from './served-call';
import { ServedMethods, type ServedMethod } from './served-methods';
import { StreamCall } from './stream-call';
import { UnreadAnswers } from './unread-answers';

/** Calls of health and reflection at the same time, open watches included. */
const maxBuiltInCalls = 4096;

/** Bytes of their requests. */
const maxBuiltInBytes = 16 * 2 ** 20;

/** Bytes that messages of relays which have come in part may always have together: a few of the largest. */
const minPartialBytes = 4 * maxRelayMessageBytes;

/** What the calls of a process share. */
export interface CallServerOptions {
  readonly methods: readonly Method[];
  readonly builtIns: readonly BuiltInMethod[];
  readonly admission: Admission;
  readonly maxMessageBytes: number;
  /** Of the answers that one connection or relay has not read, and of messages of relays that have come in part. */
  readonly maxBytesInFlight: number;
  readonly maxDeadlineMs: number;
  readonly log: Logger;
  /** Counters of a method, by its label. */
  readonly metricsOf: (label: string) => MethodMetrics;
  readonly relayCounts: RelayCounts;
  /** Undefined: no call is traced. */
  readonly tracer: Tracer | undefined;
  /** Undefined: callers need not say who they are, and nothing is asked of any call. */
  readonly access?: Access | undefined;
  /**
   * Tells grpc-js of a stream that it does not see, so that it knows which connections are idle. Unary calls without compression are
   * then answered from their streams or over relays; where it is undefined, grpc-js answers all.
   */
  readonly countStream: ((stream: ServerHttp2Stream) => void) | undefined;
  /** Whether the trailers of answers leave in the turn of the event loop in which their messages do. Default: in the next one. */
  readonly trailersAtOnce?: boolean | undefined;
}

/** Every call of a process, from its stream to its end. */
export class CallServer {
  private readonly methods: ServedMethods;
  private readonly refusals: Refusals;
  private readonly surroundings: CallSurroundings;
  private readonly maxDeadlineMs: number;
  private readonly countStream: CallServerOptions['countStream'];
  private readonly trailersAtOnce: boolean;
  private readonly relays: RelayDoor | undefined;
  private readonly access: Access | undefined;
  /** The call that grpc-js is making right now, inside `proceed`. */
  private arriving: { readonly arrival: Arrival; readonly stream: ServerHttp2Stream } | undefined;

  constructor(options: CallServerOptions) {
    this.surroundings = {
      maxMessageBytes: options.maxMessageBytes,
      log: options.log,
      failureLog: new FailureLog(options.log),
      debug: options.log.isLevelEnabled('debug'),
      unreadAnswers: new UnreadAnswers(options.maxBytesInFlight),
      tracer: options.tracer,
      openCalls: new OpenCalls(),
    };
    this.maxDeadlineMs = options.maxDeadlineMs;
    this.access = options.access;
    this.refusals = new Refusals(this.surroundings.failureLog, options.metricsOf('unknown'));
    const { admission, metricsOf } = options;
    this.methods = new ServedMethods(options.maxMessageBytes, metricsOf);
    for (const method of options.methods) {
      const openEnded = method.kind === 'serverStream' && method.openEnded === true;
      this.methods.add({ method, openEnded }, admission, !openEnded);
    }
    // A door of their own: probes are answered however busy the process is.
    const side = new Admission(maxBuiltInCalls, maxBuiltInBytes);
    for (const builtIn of options.builtIns) this.methods.add(builtIn, side, false);
    this.countStream = options.countStream;
    this.trailersAtOnce = options.trailersAtOnce ?? false;
    if (options.countStream === undefined) return;
    this.relays = new RelayDoor({
      onCall: (wire) => this.onRelayed(wire),
      counts: options.relayCounts,
      partial: new Admission(0, Math.max(options.maxBytesInFlight, minPartialBytes)),
      patienceMs: options.maxDeadlineMs,
      metrics: metricsOf(relayPath.slice(1)),
      failureLog: this.surroundings.failureLog,
    });
  }

  /** Tells grpc-js of every method. The handlers are never called: a call's own listener stands in their place. */
  register(server: Server): void {
    for (const { path, method } of this.methods.list()) {
      const kind = method.kind === 'unaryInPieces' ? 'unary' : method.kind;
      server.register(path, unreachable, toBuffer, (bytes: Buffer) => bytes, kind);
    }
  }

  /** Puts our listener in the place of grpc-js's handler. */
  readonly interceptor: ServerInterceptor = (_method, base) => {
    const arriving = this.arriving;
    return new ServerInterceptingCall(base, {
      start: () => {
        if (arriving === undefined) base.sendStatus({ code: Status.UNAVAILABLE, details: 'the server is starting' });
        else new ServedCall(this.surroundings, arriving.arrival, new GrpcJsWire(arriving.stream, base)).start();
      },
    });
  };

  /** Takes a stream in before grpc-js sees it. */
  readonly onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, proceed: () => void): void => {
    if (!String(headers['content-type']).startsWith('application/grpc')) {
      // grpc-js answers with HTTP status 415.
      proceed();
      return;
    }
    const access = this.access;
    if (access === undefined) {
      this.take(stream, headers, undefined, proceed);
      return;
    }
    const found = access.identify(headers.authorization, stream.session as ServerHttp2Session | undefined);
    if (!(found instanceof Promise)) {
      this.take(stream, headers, found, proceed);
      return;
    }
    // Nothing is read from it meanwhile.
    stream.on('error', () => undefined);
    void found.then((caller) => {
      if (!stream.destroyed && !stream.closed) this.take(stream, headers, caller, proceed);
    });
  };

  private take(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    found: Caller | TributaryError | undefined,
    proceed: () => void,
  ): void {
    const path = headers[':path'] ?? '';
    const method = this.methods.find(path);
    const encoding = headers['grpc-encoding'];
    const encoded = encoding !== undefined && encoding !== 'identity';
    const isPlain = !encoded && headers[':method'] === 'POST';
    const standing = this.standingOf(method, found, headers[forwardedCallerKey]);
    if (standing.denied !== undefined) {
      refuseStream(stream, this.refusals.denied(headers, method, standing.denied, standing.caller));
      return;
    }
    if (method === undefined) {
      const relays = path === relayPath && isPlain ? this.relays : undefined;
      if (relays !== undefined) this.openRelay(relays, stream, headers, asCaller(found));
      else refuseStream(stream, this.refusals.unknown(headers, path));
      return;
    }
    if (!metadataFits(headers)) {
      refuseStream(stream, this.refusals.metadataTooLarge(headers, method));
      return;
    }
    if (encoded && !readableEncodings.has(String(encoding))) {
      refuseStream(stream, this.refusals.compressionUnsupported(headers, method, String(encoding)));
      return;
    }
    const timeoutMs = deadlineOf(headers, method.openEnded ? undefined : this.maxDeadlineMs);
    const arrival: Arrival = {
      method,
      path,
      received: headers,
      timeoutMs: timeoutMs ?? 0,
      encoded,
      caller: standing.caller,
    };
    const isDirect = method.isUnary && isPlain;
    if (this.countStream !== undefined && isDirect && timeoutMs !== undefined) {
      this.countStream(stream);
      new ServedCall(this.surroundings, arrival, new StreamCall(stream, timeoutMs, this.trailersAtOnce)).start();
      return;
    }
    rewriteDeadline(headers, timeoutMs);
    // grpc-js knows a handler by the path it was registered with.
    headers[':path'] = method.path;
    this.arriving = { arrival, stream };
    // grpc-js makes the call, and with it the interceptor, before it returns.
    proceed();
    this.arriving = undefined;
  }

  private openRelay(
    relays: RelayDoor,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    caller: Caller | undefined,
  ): void {
    const refused = relays.refuse(stream);
    if (refused !== undefined) {
      refuseStream(
        stream,
        this.refusals.count(headers, { metrics: relays.metrics, label: relayPath.slice(1) }, refused),
      );
      return;
    }
    this.countStream?.(stream);
    relays.open(stream, this.access && new RelayCaller(this.access, stream, headers.authorization, caller));
  }

  private onRelayed(wire: RelayWire): void {
    const { relayCaller } = wire;
    const found = relayCaller?.find();
    if (!(found instanceof Promise)) this.takeRelayed(wire, found);
    else void found.then((caller) => !wire.isAborted && this.takeRelayed(wire, caller));
  }

  private takeRelayed(wire: RelayWire, found: Caller | TributaryError | undefined): void {
    const { path, metadata, timeoutMs: askedMs } = wire.call;
    const method = this.methods.find(path);
    const { caller, denied } = this.standingOf(method, found, offered(metadata, forwardedCallerKey));
    if (denied !== undefined) wire.refuse(this.refusals.denied(metadata, method, denied, caller));
    else if (method === undefined) wire.refuse(this.refusals.unknown(metadata, path));
    else if (!method.isUnary) {
      wire.refuse(this.refusals.count(metadata, method, refusal('METHOD_NOT_RELAYED', { method: path })));
    } else if (!relayedMetadataFits(metadata)) wire.refuse(this.refusals.metadataTooLarge(metadata, method));
    else {
      const timeoutMs = boundedDeadline(askedMs, this.maxDeadlineMs);
      wire.startDeadline(timeoutMs);
      const arrival = { method, path, received: metadata, timeoutMs, encoded: false, caller };
      new ServedCall(this.surroundings, arrival, wire).start();
    }
  }

  /** @param found who the connection or its metadata say it is; undefined where nobody is asked */
  private standingOf(
    method: ServedMethod | undefined,
    found: Caller | TributaryError | undefined,
    forwarded: unknown,
  ): Standing {
    if (found === undefined) return unasked;
    // Methods that nobody has are for nobody in particular.
    if (found instanceof TributaryError) {
      const isForAll = method !== undefined && method.role === undefined;
      return isForAll ? unasked : { caller: undefined, denied: found };
    }
    const caller = this.access?.callOf(found, forwarded);
    return { caller, denied: method?.role && caller?.refuse(method.role) };
  }

  /** Ends calls that would stay open for good, and asks the callers of relays to end them. */
  endOpenEnded(): void {
    this.relays?.drain();
    for (const call of this.surroundings.openCalls.list()) if (call.openEnded) call.askToEnd();
  }

  /**
   * Ends every call that is still open with SHUTTING_DOWN.
   * @returns how many
   */
  cutOff(): number {
    const count = this.surroundings.openCalls.list().filter((call) => call.cutOff()).length;
    this.relays?.cutOff();
    return count;
  }
}

const readableEncodings: ReadonlySet<string> = new Set(acceptedEncodings.split(','));

/** On whose behalf a call is made, and why it may not be made. */
interface Standing {
  readonly caller: CallerOfCall | undefined;
  readonly denied: TributaryError | undefined;
}

const unasked: Standing = { caller: undefined, denied: undefined };

function asCaller(found: Caller | TributaryError | undefined): Caller | undefined {
  return found instanceof TributaryError ? undefined : found;
}

function unreachable(): never {
  throw new Error('grpc-js called a handler in spite of the interceptor');
}

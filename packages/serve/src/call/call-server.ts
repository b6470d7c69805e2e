import { ServerInterceptingCall, status as Status, type Server, type ServerInterceptor } from '@grpc/grpc-js';
import { refusal, type TributaryError } from '@tributary/contract';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Logger } from 'pino';
import type { BuiltInMethod, Method } from '../method';
import type { MethodMetrics } from '../metrics/serve-metrics';
import { Admission } from './admission';
import { deadlineOf, maxMetadataBytes, metadataFits, refuseStream, rewriteDeadline } from './arrival';
import { toCallStatus } from './call-status';
import { GrpcJsWire, requestIdKey } from './call-wire';
import { FailureLog } from './failure-log';
import { toBuffer } from './metadata';
import { OpenCalls } from './open-calls';
import { requestIdFrom } from './request-id';
import { ServedCall, type Arrival, type CallSurroundings, type ServedMethod } from './served-call';
import { StreamCall } from './stream-call';
import { UnreadAnswers } from './unread-answers';

/** Calls of health and reflection at the same time, open watches included. */
const maxBuiltInCalls = 4096;

/** Bytes of their requests. */
const maxBuiltInBytes = 16 * 2 ** 20;

/** What the calls of a process share. */
export interface CallServerOptions {
  readonly methods: readonly Method[];
  readonly builtIns: readonly BuiltInMethod[];
  readonly admission: Admission;
  readonly maxMessageBytes: number;
  /** Of the answers of one connection. */
  readonly maxUnreadBytes: number;
  readonly maxDeadlineMs: number;
  readonly log: Logger;
  /** Counters of a method, by its label. */
  readonly metricsOf: (label: string) => MethodMetrics;
}

/** Every call of a process, from its stream to its end. */
export class CallServer {
  readonly #methods = new Map<string, ServedMethod>();
  readonly #unknownMethod: MethodMetrics;
  readonly #surroundings: CallSurroundings;
  readonly #maxDeadlineMs: number;
  /** The stream whose call grpc-js is making right now, inside `proceed`. */
  #arriving: Arrival | undefined;
  #countStream: ((stream: ServerHttp2Stream) => void) | undefined;

  constructor(options: CallServerOptions) {
    this.#surroundings = {
      maxMessageBytes: options.maxMessageBytes,
      log: options.log,
      failureLog: new FailureLog(options.log),
      debug: options.log.isLevelEnabled('debug'),
      unreadAnswers: new UnreadAnswers(options.maxUnreadBytes),
      openCalls: new OpenCalls(),
    };
    this.#maxDeadlineMs = options.maxDeadlineMs;
    this.#unknownMethod = options.metricsOf('unknown');
    const { admission, metricsOf } = options;
    for (const method of options.methods) {
      const openEnded = method.kind === 'serverStream' && method.openEnded === true;
      this.#add({ method, openEnded }, admission, metricsOf);
    }
    // A door of their own: probes are answered however busy the process is.
    const side = new Admission(maxBuiltInCalls, maxBuiltInBytes);
    for (const builtIn of options.builtIns) this.#add(builtIn, side, metricsOf);
  }

  /** Tells grpc-js of every method. The handlers are never called: a call's own listener stands in their place. */
  register(server: Server): void {
    for (const { path, method } of this.#methods.values()) {
      const kind = method.kind === 'unaryInPieces' ? 'unary' : method.kind;
      server.register(path, unreachable, toBuffer, (bytes: Buffer) => bytes, kind);
    }
  }

  /**
   * From now on unary calls without compression are answered from their streams; grpc-js does not see them.
   * @param count tells grpc-js of such a stream, so that it knows which connections are idle
   */
  answerDirectly(count: (stream: ServerHttp2Stream) => void): void {
    this.#countStream = count;
  }

  /** Puts our listener in the place of grpc-js's handler. */
  readonly interceptor: ServerInterceptor = (_method, base) => {
    const arrival = this.#arriving;
    return new ServerInterceptingCall(base, {
      start: () => {
        if (arrival === undefined) base.sendStatus({ code: Status.UNAVAILABLE, details: 'the server is starting' });
        else new ServedCall(this.#surroundings, arrival, new GrpcJsWire(arrival.stream, base)).start();
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
    const path = headers[':path'] ?? '';
    const method = this.#methods.get(path);
    if (method === undefined) {
      this.#refuse(stream, headers, this.#unknownMethod, 'unknown', refusal('METHOD_UNKNOWN', { method: path }));
      return;
    }
    if (!metadataFits(headers)) {
      const tooLarge = refusal('METADATA_TOO_LARGE', { expected: maxMetadataBytes });
      this.#refuse(stream, headers, method.metrics, method.label, tooLarge);
      return;
    }
    const timeoutMs = deadlineOf(headers, method.openEnded ? undefined : this.#maxDeadlineMs);
    const encoding = headers['grpc-encoding'];
    const encoded = encoding !== undefined && encoding !== 'identity';
    const arrival = { method, stream, headers, timeoutMs: timeoutMs ?? 0, encoded };
    const isDirect = method.isUnary && !encoded && headers[':method'] === 'POST';
    if (this.#countStream !== undefined && isDirect && timeoutMs !== undefined) {
      this.#countStream(stream);
      new ServedCall(this.#surroundings, arrival, new StreamCall(stream, timeoutMs)).start();
      return;
    }
    rewriteDeadline(headers, timeoutMs);
    this.#arriving = arrival;
    // grpc-js makes the call, and with it the interceptor, before it returns.
    proceed();
    this.#arriving = undefined;
  };

  /** Ends calls that would stay open for good. */
  endOpenEnded(): void {
    for (const call of this.#surroundings.openCalls.list()) if (call.openEnded) call.askToEnd();
  }

  /**
   * Ends every call that is still open with SHUTTING_DOWN.
   * @returns how many
   */
  cutOff(): number {
    return this.#surroundings.openCalls.list().filter((call) => call.cutOff()).length;
  }

  #add({ method, openEnded }: BuiltInMethod, admission: Admission, metricsOf: CallServerOptions['metricsOf']): void {
    const { path } = method;
    if (!/^\/[\w.]+\/\w+$/.test(path)) throw new Error(`'${path}' is not the path of a gRPC method`);
    if (this.#methods.has(path)) throw new Error(`two handlers for ${path}`);
    const label = path.slice(1);
    const { maxMessageBytes } = this.#surroundings;
    const plainLimits = { maxMessageBytes, oneMessage: method.kind !== 'bidi', encoded: false };
    this.#methods.set(path, {
      path,
      label,
      method,
      admission,
      openEnded,
      isUnary: method.kind === 'unary' || method.kind === 'unaryInPieces',
      metrics: metricsOf(label),
      plainLimits,
      encodedLimits: { ...plainLimits, encoded: true },
    });
  }

  #refuse(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    metrics: MethodMetrics,
    method: string,
    error: TributaryError,
  ): void {
    const requestId = requestIdFrom(headers[requestIdKey]);
    const status = toCallStatus(error, requestId);
    status.trailers.set(requestIdKey, requestId);
    refuseStream(stream, status);
    metrics.ended(status.code, 0, status.reason);
    this.#surroundings.failureLog.failed({ requestId, method, code: error.reason, durationMs: 0, status });
  }
}

function unreachable(): never {
  throw new Error('grpc-js called a handler in spite of the interceptor');
}

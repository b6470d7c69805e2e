import { decodeMessage, grpc, refusal } from '@tributary/contract';
import type { BuiltInMethod, CallContext } from '../method';
import type { HealthSource, HealthStatus } from './health-source';

const { HealthCheckRequest, HealthCheckResponse } = grpc.health.v1;
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse.ServingStatus;
type ServingStatus = grpc.health.v1.HealthCheckResponse.ServingStatus;

/** Full name of the service. */
export const healthServiceName = 'grpc.health.v1.Health';

/** Watch calls open at the same time. */
export const maxWatchers = 1024;

/** Longer names are nobody's, and are not kept. */
const maxNameLength = 256;

/**
 * The standard health service. `""` and the gRPC services say whether calls are welcome; `model/<name>` says it of a model; `readiness`
 * says whether all that should serve does; `liveness` says that the process works, whatever its models do, also while it drains: a process that ends by itself
 * must not be killed for it.
 */
export class HealthService {
  private readonly services: ReadonlySet<string>;
  /** Wakes a Watch call. Nothing is kept by name, so names that nobody has cost nothing. */
  private readonly watchers = new Set<() => void>();
  private readonly unsubscribe: () => void;
  private draining = false;

  constructor(
    private readonly source: HealthSource,
    services: readonly string[],
  ) {
    this.services = new Set(services);
    this.unsubscribe = source.onChange(() => this.wake());
  }

  /** From here on nothing but `liveness` is SERVING; watchers are told. */
  drain(): void {
    this.draining = true;
    this.wake();
  }

  close(): void {
    this.unsubscribe();
  }

  readonly methods: readonly BuiltInMethod[] = [
    {
      method: {
        path: `/${healthServiceName}/Check`,
        kind: 'unary',
        handler: (request) => Promise.resolve(this.check(request)),
      },
      openEnded: false,
      // Probes have no credentials.
      forAll: true,
    },
    {
      method: {
        path: `/${healthServiceName}/Watch`,
        kind: 'serverStream',
        role: 'observe',
        handler: (request, context, write) => this.watch(request, context, write),
      },
      openEnded: true,
    },
  ];

  private status(name: string): HealthStatus | undefined {
    if (name === 'liveness') return 'SERVING';
    const overall = name === '' || name === 'readiness';
    const status = overall ? undefined : this.source.status(name);
    if (status === undefined && !overall && !this.services.has(name)) return undefined;
    if (this.draining) return 'NOT_SERVING';
    if (status !== undefined) return status;
    const { source } = this;
    const yes = name === 'readiness' ? source.ready() : (source.isServing?.() ?? source.ready());
    return yes ? 'SERVING' : 'NOT_SERVING';
  }

  private check(request: Uint8Array): Uint8Array {
    const { service } = decodeMessage(HealthCheckRequest, request);
    const status = this.status(service);
    if (status === undefined) throw refusal('SERVICE_UNKNOWN', { service });
    return encode(status);
  }

  /** Sends the status now and whenever it is another one, until the caller or the drain ends the call. */
  private async watch(
    request: Uint8Array,
    context: CallContext,
    write: (message: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const { service } = decodeMessage(HealthCheckRequest, request);
    if (this.watchers.size >= maxWatchers) throw refusal('WATCHERS_LIMIT', { expected: maxWatchers });
    const status = service.length > maxNameLength ? () => undefined : () => this.status(service);
    const changes = new Changes();
    const wake = (): void => changes.announce();
    this.watchers.add(wake);
    context.signal.addEventListener('abort', wake, { once: true });
    try {
      let sent: HealthStatus | 'UNKNOWN' | undefined;
      for (;;) {
        // What changed and changed back while a slow reader was awaited is not sent.
        const current = status() ?? 'UNKNOWN';
        if (current !== sent) {
          await write(encode(status()));
          sent = current;
        } else {
          context.signal.throwIfAborted();
          await changes.next();
        }
      }
    } finally {
      this.watchers.delete(wake);
      context.signal.removeEventListener('abort', wake);
    }
  }

  private wake(): void {
    for (const wake of this.watchers) wake();
  }
}

/** A bell that may ring before anybody waits for it. */
class Changes {
  private rang = false;
  private waiter: (() => void) | undefined;

  announce(): void {
    this.rang = true;
    this.waiter?.();
  }

  async next(): Promise<void> {
    if (!this.rang) await new Promise<void>((resolve) => (this.waiter = resolve));
    this.rang = false;
    this.waiter = undefined;
  }
}

function encode(status: HealthStatus | undefined): Uint8Array {
  return HealthCheckResponse.encode({ status: codeOf(status) }).finish();
}

function codeOf(status: HealthStatus | undefined): ServingStatus {
  if (status === undefined) return SERVICE_UNKNOWN;
  return status === 'SERVING' ? SERVING : NOT_SERVING;
}

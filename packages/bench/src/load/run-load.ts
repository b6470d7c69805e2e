import { performance } from 'node:perf_hooks';
import { exponential, seededRandom } from '../measure/statistics';
import { faultOf, type AnswerCheck } from './answer-check';
import { frameMessage } from './frame';
import { ClientConnection } from './client-connection';
import { GrpcConnection } from './grpc-connection';
import { HttpConnection } from './http-connection';
import { LatencyHistogram } from './latency-histogram';
import type { LoadMode, LoadPlan, LoadResult } from './load-plan';
import type { CallEnd, UnaryConnection } from './unary-connection';

/** gRPC statuses of calls that a server turns away or gives up in time. */
const deadlineExceeded = 4;
const resourceExhausted = 8;

/** Arrivals of an open loop beyond this many calls in flight are dropped and counted: the server has lost the race already. */
const maxOpenCallsInFlight = 4096;
/** After the window, calls still in flight may take this long. Then they have failed. */
const drainTimeoutMs = 20_000;

/** Puts a load on a server and reports what came of it. Fails where a connection cannot be made. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: plan.connections }, () => open(plan)));
  const run = new LoadRun(plan, connections);
  try {
    return await run.run();
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

function open({ host = '127.0.0.1', port, protocol = { kind: 'grpc' } }: LoadPlan): Promise<UnaryConnection> {
  switch (protocol.kind) {
    case 'grpc':
      return GrpcConnection.open({ host, port }, protocol.metadata);
    case 'http1':
      return HttpConnection.open({ host, port }, protocol.headers);
    case 'client':
      return ClientConnection.open({ host, port }, protocol.direct);
  }
}

class LoadRun {
  private readonly plan: LoadPlan;
  private readonly connections: readonly UnaryConnection[];
  private readonly requests: readonly { readonly body: Buffer; readonly check: AnswerCheck }[];
  private readonly deadlineMs: number | undefined;
  private readonly latencies = new LatencyHistogram();
  private callsStarted = 0;
  private callsEnded = 0;
  private wrongAnswers = 0;
  private failedCalls = 0;
  private refusedCalls = 0;
  private expiredCalls = 0;
  private lateAnswers = 0;
  private droppedArrivals = 0;
  private firstFault = '';
  private readonly statuses = new Map<number, number>();
  private inWindow = false;
  private stopped = false;
  private onDrained: (() => void) | undefined;

  constructor(plan: LoadPlan, connections: readonly UnaryConnection[]) {
    this.plan = plan;
    this.connections = connections;
    this.deadlineMs = plan.mode.kind === 'open' ? plan.mode.deadlineMs : undefined;
    const bodyOf = (message: Uint8Array): Buffer =>
      (plan.protocol?.kind ?? 'grpc') === 'grpc' ? frameMessage(message) : Buffer.from(message);
    this.requests = plan.requests.map(({ message, check }) => ({ body: bodyOf(message), check }));
  }

  async run(): Promise<LoadResult> {
    const stopSending = this.startSending();
    await wait(this.plan.warmUpMs);
    const before = usage();
    this.inWindow = true;
    await wait(this.plan.windowMs);
    this.inWindow = false;
    const window = usageSince(before);
    this.stopped = true;
    stopSending();
    await this.drained();
    return {
      callsEnded: this.callsEnded,
      answersInWindow: this.latencies.count,
      answersPerSecond: (this.latencies.count / window.elapsedMs) * 1000,
      wrongAnswers: this.wrongAnswers,
      failedCalls: this.failedCalls + (this.callsStarted - this.callsEnded),
      refusedCalls: this.refusedCalls,
      expiredCalls: this.expiredCalls,
      lateAnswers: this.lateAnswers,
      droppedArrivals: this.droppedArrivals,
      firstFault: this.firstFault,
      statuses: this.statuses,
      latency: {
        meanMs: this.latencies.meanMs,
        p50Ms: this.latencies.percentileMs(0.5),
        p95Ms: this.latencies.percentileMs(0.95),
        p99Ms: this.latencies.percentileMs(0.99),
        maxMs: this.latencies.maxMs,
      },
      generator: { coreShare: window.coreShare, loopShare: window.loopShare },
    };
  }

  private startSending(): () => void {
    const { mode } = this.plan;
    if (mode.kind === 'open') return this.sendAtPoissonTimes(mode);
    for (const connection of this.connections) {
      const next = (): void => {
        if (!this.stopped) this.send(connection, performance.now(), next);
      };
      for (let call = 0; call < mode.inFlightPerConnection; call++) next();
    }
    return () => undefined;
  }

  /** Sends what is due on every turn of a timer; one that comes late sends all that became due meanwhile. */
  private sendAtPoissonTimes({
    callsPerSecond,
    seed,
    timedFrom = 'due',
  }: LoadMode & { readonly kind: 'open' }): () => void {
    const random = seededRandom(seed);
    const meanGapMs = 1000 / callsPerSecond;
    let dueAt = performance.now() + exponential(random, meanGapMs);
    const timer = setInterval(() => {
      for (const now = performance.now(); dueAt <= now; dueAt += exponential(random, meanGapMs)) {
        if (this.callsStarted - this.callsEnded >= maxOpenCallsInFlight) this.droppedArrivals++;
        else {
          const connection = this.connections[this.callsStarted % this.connections.length]!;
          this.send(connection, timedFrom === 'due' ? dueAt : performance.now(), () => undefined);
        }
      }
    }, 1);
    return () => clearInterval(timer);
  }

  private send(connection: UnaryConnection, startedAt: number, then: () => void): void {
    const request = this.requests[this.callsStarted++ % this.requests.length]!;
    const onEnd: CallEnd = (status, answer) => {
      this.callsEnded++;
      if (this.judge(status, answer, request.check)) this.record(performance.now() - startedAt);
      then();
      if (this.stopped && this.callsEnded === this.callsStarted) this.onDrained?.();
    };
    connection.call(this.plan.path, request.body, onEnd, this.deadlineMs);
  }

  private record(latencyMs: number): void {
    if (this.deadlineMs !== undefined && latencyMs > this.deadlineMs) this.lateAnswers++;
    else if (this.inWindow) this.latencies.record(latencyMs);
  }

  /** Counts a fault, if there is one. */
  private judge(status: number, answer: Uint8Array | undefined, check: AnswerCheck): boolean {
    if (status !== 0) this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (this.deadlineMs !== undefined && status === resourceExhausted) {
      this.refusedCalls++;
      return false;
    }
    if (this.deadlineMs !== undefined && status === deadlineExceeded) {
      this.expiredCalls++;
      return false;
    }
    if (status !== 0 || answer === undefined) {
      this.failedCalls++;
      this.firstFault ||= `a call ended with status ${status}`;
      return false;
    }
    const fault = faultOf(answer, check);
    if (fault === undefined) return true;
    this.wrongAnswers++;
    this.firstFault ||= fault;
    return false;
  }

  private async drained(): Promise<void> {
    if (this.callsEnded === this.callsStarted) return;
    const drained = new Promise<void>((resolve) => (this.onDrained = resolve));
    await Promise.race([drained, wait(drainTimeoutMs)]);
  }
}

interface Usage {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly loop: ReturnType<typeof performance.eventLoopUtilization>;
}

function usage(): Usage {
  return { at: performance.now(), cpu: process.cpuUsage(), loop: performance.eventLoopUtilization() };
}

function usageSince(before: Usage): { elapsedMs: number; coreShare: number; loopShare: number } {
  const cpu = process.cpuUsage(before.cpu);
  const elapsedMs = performance.now() - before.at;
  return {
    elapsedMs,
    coreShare: (cpu.user + cpu.system) / 1000 / elapsedMs,
    loopShare: performance.eventLoopUtilization(before.loop).utilization,
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    if (ms >= drainTimeoutMs) timer.unref();
  });
}

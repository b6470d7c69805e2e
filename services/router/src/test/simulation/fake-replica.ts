import type { Hop, HopAnswer, HopCall } from '@tributary/client';
import { grpc, Status, tributary } from '@tributary/contract';
import type { VirtualTime } from './virtual-time';

const { HealthCheckResponse } = grpc.health.v1;
const { SERVING, NOT_SERVING } = HealthCheckResponse.ServingStatus;
const { WatchModelsResponse, ModelState } = tributary.model.v1;

const model = { name: 'echo', version: '1', state: ModelState.MODEL_STATE_READY, servedByDefault: true };
const models = WatchModelsResponse.encode({ service: 'demo', models: [model] }).finish();
const noMetadata = new Map<string, readonly string[]>();
const ok: HopAnswer = answerOf(Status.OK, true, new Uint8Array());
const lost: HopAnswer = answerOf(Status.UNAVAILABLE, false, undefined);

/**
 * A replica of a service in virtual time: calls wait in turn for one of its lanes. What it says of its health and models are the bytes
 * that a service sends.
 */
export class FakeReplica {
  /** Calls that it has answered, and the time its lanes have worked. */
  answered = 0;
  busyMs = 0;
  readonly sinceMs: number;
  private state: 'serving' | 'draining' | 'gone' = 'serving';
  private working = 0;
  private readonly waiting: ((answer: HopAnswer) => void)[] = [];
  /** Calls being worked on, and what hears of the replica's end. */
  private readonly open = new Set<(answer: HopAnswer) => void>();
  private readonly healthWatches = new Set<(message: Uint8Array) => void>();

  /**
   * @param meanMs how long a call takes a lane; single ones take from half to one and a half times as long
   * @param random numbers in [0, 1)
   */
  constructor(
    readonly address: string,
    private readonly time: VirtualTime,
    private readonly lanes: number,
    readonly meanMs: number,
    private readonly random: () => number,
  ) {
    this.sinceMs = time.nowMs;
  }

  /** Takes no more calls, and is gone once those under way are answered. */
  drain(): void {
    this.state = 'draining';
    const message = HealthCheckResponse.encode({ status: NOT_SERVING }).finish();
    for (const tell of this.healthWatches) tell(message);
    this.endWhenIdle();
  }

  /** Is gone at once, with every call that it has. */
  vanish(): void {
    this.state = 'gone';
    for (const end of [...this.open, ...this.waiting.splice(0)]) end(lost);
    this.open.clear();
  }

  get gone(): boolean {
    return this.state === 'gone';
  }

  /** A connection to it. */
  connect(): Hop {
    return {
      kind: 'relay',
      connected: () => this.state !== 'gone',
      call: () => this.answer(),
      stream: (call, onMessage) => this.watch(call, onMessage),
      open: () => {
        throw new Error('no streams of messages here');
      },
      close: () => undefined,
    };
  }

  private answer(): Promise<HopAnswer> {
    if (this.state === 'gone') return Promise.resolve(lost);
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.work();
    });
  }

  private work(): void {
    while (this.working < this.lanes) {
      const settle = this.waiting.shift();
      if (settle === undefined) return;
      this.working += 1;
      this.open.add(settle);
      const forMs = this.meanMs * (0.5 + this.random());
      this.time.after(forMs, () => {
        if (!this.open.delete(settle)) return;
        this.working -= 1;
        this.answered += 1;
        this.busyMs += forMs;
        settle(ok);
        this.work();
        this.endWhenIdle();
      });
    }
  }

  private endWhenIdle(): void {
    if (this.state === 'draining' && this.working === 0 && this.waiting.length === 0) this.vanish();
  }

  private watch({ path, signal }: HopCall, onMessage: (message: Uint8Array) => void): Promise<HopAnswer> {
    return new Promise((resolve) => {
      const isHealth = path === '/grpc.health.v1.Health/Watch';
      const end = (answer: HopAnswer): void => {
        this.open.delete(end);
        this.healthWatches.delete(onMessage);
        resolve(answer);
      };
      // One that is gone stays so: whoever wants to connect again waits.
      signal?.addEventListener('abort', () => end(lost));
      if (this.state === 'gone') return;
      this.open.add(end);
      if (isHealth) this.healthWatches.add(onMessage);
      onMessage(isHealth ? HealthCheckResponse.encode({ status: SERVING }).finish() : models);
    });
  }
}

function answerOf(code: number, answered: boolean, message: Uint8Array | undefined): HopAnswer {
  return { code, details: '', message, headers: noMetadata, trailers: noMetadata, answered };
}

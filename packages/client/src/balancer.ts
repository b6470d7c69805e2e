import { Status } from '@tributary/contract';
import { chooseUpstream, type Random } from './choose-upstream';
import { previousAttemptsKey, wasLost, type HopAnswer, type HopMetadata, type HopStream } from './hop';
import type { RetryBudget } from './retry-budget';
import type { Upstream } from './upstream';

/** A call that any of several upstreams can answer. */
export interface BalancedCall {
  readonly path: string;
  /** Kept until the call is answered, for the retry. */
  readonly request: readonly Uint8Array[];
  readonly metadata: HopMetadata;
  readonly signal: AbortSignal | undefined;
  /** Connections that have died under the call before it came here; default 0. */
  readonly lostBefore?: number;
  /** Begins to watch an attempt, just before it is sent; undefined: nobody watches. */
  readonly watch?: ((upstream: Upstream) => WatchedAttempt) | undefined;
  /** Milliseconds until the deadline. */
  remainingMs(): number;
}

/** How a call ended that was sent once or twice. */
export interface BalancedAnswer extends HopAnswer {
  /** Connections that have died under the call, those before it came here included; undefined: none. */
  readonly losses?: number;
}

/** Connections that may die under a call: after the second it is taken for what they died of, and not sent again. */
export const maxLosses = 2;

/** An attempt that somebody watches, to trace it for instance. */
export interface WatchedAttempt {
  /** What goes along, in place of the metadata of the call. */
  readonly metadata: HopMetadata;
  ended(answer: HopAnswer): void;
}

export interface BalancerOptions {
  readonly budget: RetryBudget;
  readonly random?: Random;
}

/** Spreads calls over upstreams. */
export interface Balancer {
  /**
   * Sends a call to one of the candidates, and once more to another where the first was UNAVAILABLE, or ended it as cancelled
   * though nobody had cancelled it (a server that is forced to stop does that). Everything else is final: an upstream that answers with
   * another status, RUN_CRASHED for instance, has had the call. A call under which `maxLosses` connections have died is not sent again.
   * `candidates` is asked again before the second attempt.
   * @returns undefined where there was no candidate
   */
  call(candidates: () => readonly Upstream[], call: BalancedCall): Promise<BalancedAnswer | undefined>;
  /**
   * Begins a call with messages both ways at one of the candidates. It is not tried again: nothing of it is kept.
   * @returns undefined where there was no candidate
   */
  open(candidates: readonly Upstream[], call: Omit<BalancedCall, 'request'>): HopStream | undefined;
}

/** A balancer by the power of two choices. */
export function createBalancer({ budget, random = Math.random }: BalancerOptions): Balancer {
  const attempt = (upstream: Upstream, call: BalancedCall, losses: number): Promise<HopAnswer> => {
    const { path, request, signal } = call;
    const watched = call.watch?.(upstream);
    const metadata = watched?.metadata ?? call.metadata;
    const answer = upstream.call({
      path,
      request,
      metadata: losses === 0 ? metadata : withLosses(metadata, losses),
      signal,
      timeoutMs: call.remainingMs(),
    });
    return watched === undefined ? answer : watchedAnswer(answer, watched);
  };

  return {
    call: async (candidates, call) => {
      const first = chooseUpstream(candidates(), random);
      if (first === undefined) return undefined;
      const { lostBefore = 0 } = call;
      const answer = await attempt(first, call, lostBefore);
      const losses = lostBefore + Number(wasLost(answer));
      const mayRetry = losses < maxLosses && isRetryable(answer, call);
      const second = mayRetry ? chooseOther(candidates(), first, answer, random) : undefined;
      const retried = second !== undefined && budget.take();
      if (answer.code === Status.OK) budget.succeeded();
      if (!retried) return withLossesCounted(answer, losses);
      first.counts.retries += 1;
      const other = await attempt(second, call, losses);
      return withLossesCounted(other, losses + Number(wasLost(other)));
    },
    open: (candidates, call) => {
      const upstream = chooseUpstream(candidates, random);
      if (upstream === undefined) return undefined;
      const { path, metadata, signal } = call;
      const watched = call.watch?.(upstream);
      const stream = upstream.open({
        path,
        metadata: watched?.metadata ?? metadata,
        signal,
        timeoutMs: call.remainingMs(),
      });
      if (watched !== undefined) void watchedAnswer(stream.ended, watched);
      return stream;
    },
  };
}

/** Tells whoever gets the call how many connections it has cost. */
function withLosses(metadata: HopMetadata, losses: number): HopMetadata {
  return new Map(metadata).set(previousAttemptsKey, [String(losses)]);
}

function withLossesCounted(answer: HopAnswer, losses: number): BalancedAnswer {
  return losses === 0 ? answer : { ...answer, losses };
}

async function watchedAnswer(answer: Promise<HopAnswer>, watched: WatchedAttempt): Promise<HopAnswer> {
  const ended = await answer;
  watched.ended(ended);
  return ended;
}

function isRetryable(answer: HopAnswer, call: BalancedCall): boolean {
  const { code } = answer;
  return (
    (code === Status.UNAVAILABLE || code === Status.CANCELLED) &&
    call.signal?.aborted !== true &&
    call.remainingMs() > 0
  );
}

/** Another upstream; the same one only where it refused a stream while its connection is sound, as it does when it renews it. */
function chooseOther(
  candidates: readonly Upstream[],
  first: Upstream,
  answer: HopAnswer,
  random: Random,
): Upstream | undefined {
  const other = chooseUpstream(
    candidates.filter((candidate) => candidate !== first),
    random,
  );
  if (other !== undefined || answer.answered) return other;
  return candidates.includes(first) ? first : undefined;
}

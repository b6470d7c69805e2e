import { Status } from '@tributary/contract';
import { chooseUpstream, type Random } from './choose-upstream';
import type { HopAnswer, HopMetadata, HopStream } from './hop';
import type { RetryBudget } from './retry-budget';
import type { Upstream } from './upstream';

/** A call that any of several upstreams can answer. */
export interface BalancedCall {
  readonly path: string;
  /** Kept until the call is answered, for the retry. */
  readonly request: readonly Uint8Array[];
  readonly metadata: HopMetadata;
  readonly signal: AbortSignal | undefined;
  /** Begins to watch an attempt, just before it is sent; undefined: nobody watches. */
  readonly watch?: ((upstream: Upstream) => WatchedAttempt) | undefined;
  /** Milliseconds until the deadline. */
  remainingMs(): number;
}

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
   * though nobody had cancelled it (a server that is forced to stop does that). Everything else is final.
   * `candidates` is asked again before the second attempt.
   * @returns undefined where there was no candidate
   */
  call(candidates: () => readonly Upstream[], call: BalancedCall): Promise<HopAnswer | undefined>;
  /**
   * Begins a call with messages both ways at one of the candidates. It is not tried again: nothing of it is kept.
   * @returns undefined where there was no candidate
   */
  open(candidates: readonly Upstream[], call: Omit<BalancedCall, 'request'>): HopStream | undefined;
}

/** A balancer by the power of two choices. */
export function createBalancer({ budget, random = Math.random }: BalancerOptions): Balancer {
  const attempt = (upstream: Upstream, call: BalancedCall): Promise<HopAnswer> => {
    const { path, request, metadata, signal } = call;
    const watched = call.watch?.(upstream);
    const answer = upstream.call({
      path,
      request,
      metadata: watched?.metadata ?? metadata,
      signal,
      timeoutMs: call.remainingMs(),
    });
    return watched === undefined ? answer : watchedAnswer(answer, watched);
  };

  return {
    call: async (candidates, call) => {
      const first = chooseUpstream(candidates(), random);
      if (first === undefined) return undefined;
      const answer = await attempt(first, call);
      const second = isRetryable(answer, call) ? chooseOther(candidates(), first, answer, random) : undefined;
      const retried = second !== undefined && budget.take();
      if (answer.code === Status.OK) budget.succeeded();
      if (!retried) return answer;
      first.counts.retries += 1;
      return attempt(second, call);
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

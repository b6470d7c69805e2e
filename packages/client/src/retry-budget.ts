/**
 * Bounds how much retries may add to the load. A retry takes one token, a call that was answered gives back a tenth of one,
 * and there are never more than `reserve`: enough for the calls that one dying upstream takes with it, while lasting trouble
 * adds a tenth at most.
 */
export interface RetryBudget {
  /** Takes a token; false where there is none, and then no retry may follow. */
  take(): boolean;
  /** To be told of each call that was answered well. */
  succeeded(): void;
  /** Retries that may follow now; below 1 none may. */
  readonly left: number;
}

/** Calls that one upstream may take with it where its clients do not say. */
const defaultReserve = 256;
const tokensPerSuccess = 0.1;

/** A full budget. */
export function createRetryBudget(reserve: number = defaultReserve): RetryBudget {
  let tokens = reserve;
  return {
    take: () => {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    succeeded: () => {
      tokens = Math.min(reserve, tokens + tokensPerSuccess);
    },
    get left() {
      return tokens;
    },
  };
}

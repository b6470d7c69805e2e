import type { InferTiming } from '@tributary/engine';

/** Trailing metadata of ModelInfer that says where the time went. */
export const serverTimingKey = 'server-timing';

/**
 * Timing in the syntax of W3C Server-Timing, durations in milliseconds: `queue;dur=0.1, prepare;dur=0.02, inference;dur=1.5,
 * finish;dur=0.01, batch;desc="8"`; `batch` is the number of rows that ran together.
 */
export function serverTiming({ queueUs, prepareUs, inferenceUs, finishUs, batchSize }: InferTiming): string {
  return (
    `queue;dur=${milliseconds(queueUs)}, prepare;dur=${milliseconds(prepareUs)}, ` +
    `inference;dur=${milliseconds(inferenceUs)}, finish;dur=${milliseconds(finishUs)}, batch;desc="${batchSize}"`
  );
}

/** Whole microseconds, so that no number is written with an exponent or with rounding noise. */
function milliseconds(us: number): number {
  return Math.round(us) / 1000;
}

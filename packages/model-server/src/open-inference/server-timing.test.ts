import { describe, expect, it } from '@jest/globals';
import { serverTiming } from './server-timing';

describe('serverTiming', () => {
  it('writes milliseconds in the syntax of W3C Server-Timing', () => {
    const timing = { queueUs: 100, prepareUs: 20.4, inferenceUs: 1_500_000, finishUs: 0, batchSize: 8 };
    expect(serverTiming(timing)).toBe(
      'queue;dur=0.1, prepare;dur=0.02, inference;dur=1500, finish;dur=0, batch;desc="8"',
    );
  });
});

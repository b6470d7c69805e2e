import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextBatch, type BatchSettings, type WaitingRequest } from './next-batch';

function waiting(rows: number, groupKey = '', enqueuedAtMs = 0): WaitingRequest {
  return { rows, length: 1, mayPad: false, groupKey, isAlone: false, enqueuedAtMs, deadlineMs: Infinity };
}

function text(length: number, rows = 1): WaitingRequest {
  return { rows, length, mayPad: true, groupKey: '~', isAlone: false, enqueuedAtMs: 0, deadlineMs: Infinity };
}

/** A run costs `fixedUs`, and `unitUs` for each row times its length. */
function line(fixedUs: number, unitUs: number): BatchSettings['costs'] {
  return { predictUs: (rows, length) => fixedUs + unitUs * rows * length };
}

const eager: BatchSettings = {
  maxBatchSize: 4,
  maxQueueDelayMs: 0,
  costs: line(0, 0),
  slowness: 1,
  maxRunUs: 100_000,
  idleLanes: 1,
  oldestFirst: false,
  trial: 'none',
};
const patient = { ...eager, maxQueueDelayMs: 5 };

describe('nextBatch', () => {
  it('has nothing to do with an empty queue', () => {
    expect(nextBatch([], 0, eager)).toEqual({ kind: 'idle' });
  });

  it('takes whatever waits, up to the largest batch, while nothing is known of costs', () => {
    const queue = [waiting(1), waiting(1), waiting(1), waiting(1), waiting(1)];
    expect(nextBatch(queue, 0, eager)).toMatchObject({ positions: [0, 1, 2, 3], rows: 4, cut: 'full' });
    expect(nextBatch(queue.slice(3), 0, eager)).toMatchObject({ positions: [0, 1], cut: 'idle_lane' });
  });

  it('counts rows, not requests, and lets a smaller one go past one that does not fit', () => {
    const queue = [waiting(2), waiting(3), waiting(1), waiting(1)];
    expect(nextBatch(queue, 0, eager)).toMatchObject({ positions: [0, 2, 3], rows: 4, cut: 'full' });
  });

  it('never mixes kinds, and starts with the first', () => {
    const queue = [waiting(1, 'a'), waiting(1, 'b'), waiting(1, 'a')];
    expect(nextBatch(queue, 0, eager)).toMatchObject({ positions: [0, 2], rows: 2, cut: 'bucket' });
  });

  it('starts with the oldest where that is asked for', () => {
    const queue = [waiting(1, 'a', 9), waiting(1, 'b', 2), waiting(1, 'b', 5)];
    expect(nextBatch(queue, 10, { ...eager, oldestFirst: true })).toMatchObject({ positions: [1, 2] });
  });

  it('runs requests without rows alone', () => {
    expect(nextBatch([waiting(0, '!'), waiting(0, '!')], 0, patient)).toMatchObject({ positions: [0], rows: 0 });
  });

  it('waits for company until the first has waited long enough', () => {
    const queue = [waiting(1, '', 100), waiting(1, '', 103)];
    expect(nextBatch(queue, 103, patient)).toEqual({ kind: 'wait', forMs: 2 });
    expect(nextBatch(queue, 105, patient)).toMatchObject({ positions: [0, 1], rows: 2, cut: 'delay' });
  });

  it('does not let a full batch wait behind an unfilled one of another kind', () => {
    const queue = [waiting(1, 'a', 100), waiting(2, 'b', 100), waiting(2, 'b', 100)];
    expect(nextBatch(queue, 101, patient)).toMatchObject({ positions: [1, 2], rows: 4, cut: 'full' });
  });

  it('does not wait where no batch is allowed, or none would pay', () => {
    const alone = { ...patient, maxBatchSize: 1 };
    expect(nextBatch([waiting(1), waiting(1)], 0, alone)).toMatchObject({ positions: [0], cut: 'full' });
    const linear = { ...patient, costs: line(0, 8000) };
    expect(nextBatch([waiting(1), waiting(1)], 0, linear)).toMatchObject({ positions: [0], cut: 'cost' });
  });

  it('leaves alone what gains nothing by company, and tries it now and then', () => {
    const queue = Array.from({ length: 6 }, () => waiting(1));
    const linear = { ...eager, costs: line(0, 8000) };
    expect(nextBatch(queue, 0, linear)).toMatchObject({ positions: [0], cut: 'cost' });
    expect(nextBatch(queue, 0, { ...linear, trial: 'large' })).toMatchObject({ rows: 4 });
    expect(nextBatch(queue, 0, { ...eager, trial: 'alone' })).toMatchObject({ rows: 1 });
  });

  it('makes the batch as large as pays and no larger', () => {
    const predictUs = (rows: number): number => (rows <= 2 ? 5000 + 1000 * rows : 9000 * rows);
    const queue = Array.from({ length: 4 }, () => waiting(1));
    expect(nextBatch(queue, 0, { ...eager, costs: { predictUs } })).toMatchObject({ rows: 2, cut: 'cost' });
  });

  it('pads a text where that costs less than a run of its own', () => {
    const costs = line(1600, 400);
    expect(nextBatch([text(20), text(40), text(21), text(5)], 0, { ...eager, costs })).toMatchObject({
      positions: [0, 2],
      length: 21,
      cut: 'cost',
    });
    expect(nextBatch([text(20), text(60)], 0, { ...eager, costs })).toMatchObject({ positions: [0], length: 20 });
  });

  it('makes no batch in which a deadline would pass, and leaves to expire who cannot be answered in time', () => {
    const costs = line(5000, 1000);
    const until = (deadlineMs: number): WaitingRequest => ({ ...waiting(1), deadlineMs });
    const settings = { ...eager, costs };
    expect(nextBatch([until(8), until(9), until(90), until(90)], 0, settings)).toMatchObject({
      rows: 2,
      cut: 'deadline',
    });
    expect(nextBatch([until(8), until(9), until(90), until(90)], 3, settings)).toMatchObject({
      positions: [1],
      rows: 1,
    });
    expect(nextBatch([until(8), until(9)], 7, settings)).toMatchObject({ positions: [0] });
    const late = { ...settings, slowness: 1.5 };
    expect(nextBatch([until(8), until(9), until(90), until(90)], 0, late)).toMatchObject({ positions: [1], rows: 1 });
  });

  it('shares work among idle lanes where runs are long, and not where they are short', () => {
    const queue = Array.from({ length: 6 }, () => waiting(1));
    const two = { ...eager, maxBatchSize: 8, idleLanes: 2 };
    expect(nextBatch(queue, 0, { ...two, costs: line(4000, 4000) })).toMatchObject({ rows: 3, cut: 'idle_lane' });
    expect(nextBatch(queue, 0, { ...two, costs: line(20, 1) })).toMatchObject({ rows: 6, cut: 'idle_lane' });
  });
});

describe('nextBatch, whatever waits', () => {
  const queues = fc
    .array(
      fc.record({
        rows: fc.integer({ min: 0, max: 5 }),
        length: fc.integer({ min: 1, max: 40 }),
        kind: fc.nat(2),
        leftMs: fc.option(fc.nat(100)),
      }),
      {
        minLength: 1,
        maxLength: 40,
      },
    )
    .map((requests) =>
      requests.map(({ rows, length, kind, leftMs }, index): WaitingRequest & { readonly id: number } => {
        const mayPad = kind === 2;
        const groupKey = `${mayPad ? '~' : `${kind} ${length % 3}`}${rows === 0 ? '!' : ''}`;
        return {
          id: index,
          rows,
          length: mayPad ? length : length % 3,
          mayPad,
          groupKey,
          isAlone: false,
          enqueuedAtMs: (index * 7) % 40,
          deadlineMs: leftMs ?? Infinity,
        };
      }),
    );
  const allSettings: fc.Arbitrary<BatchSettings> = fc.record({
    maxBatchSize: fc.integer({ min: 1, max: 16 }),
    maxQueueDelayMs: fc.constantFrom(0, 20),
    costs: fc
      .tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 100 }))
      .map(([fixed, unit, square]) => ({
        predictUs: (rows: number, length: number) => fixed + unit * rows * length + square * rows * rows,
      })),
    slowness: fc.constantFrom(1, 1.5),
    maxRunUs: fc.integer({ min: 1000, max: 100_000 }),
    idleLanes: fc.integer({ min: 1, max: 4 }),
    oldestFirst: fc.boolean(),
    trial: fc.constantFrom('none', 'large', 'alone'),
  });

  it('keeps the order, the kind, the bound on rows and the budget of time, and takes the first or the oldest', () => {
    fc.assert(
      fc.property(queues, allSettings, fc.integer({ min: 0, max: 80 }), (queue, settings, nowMs) => {
        const decision = nextBatch(queue, nowMs, settings);
        if (decision.kind !== 'run') {
          expect(decision.kind).toBe('wait');
          expect(settings.maxQueueDelayMs).toBeGreaterThan(0);
          return;
        }
        const { positions, rows, length } = decision;
        const taken = positions.map((position) => queue[position]!);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        expect(rows).toBe(taken.reduce((sum, request) => sum + request.rows, 0));
        expect(length).toBe(Math.max(...taken.map((request) => request.length)));
        expect(new Set(taken.map((request) => request.groupKey)).size).toBe(1);
        if (!taken[0]!.mayPad) expect(taken.every((request) => request.length === length)).toBe(true);
        if (taken.length > 1) {
          expect(rows).toBeLessThanOrEqual(settings.maxBatchSize);
          expect(settings.costs.predictUs(rows, length)).toBeLessThanOrEqual(settings.maxRunUs);
        }
        const endMs = (request: { rows: number; length: number }): number =>
          nowMs + (settings.costs.predictUs(request.rows, request.length) * settings.slowness) / 1000;
        if (taken.length > 1)
          for (const { deadlineMs } of taken) expect(deadlineMs).toBeGreaterThanOrEqual(endMs({ rows, length }));
        if (settings.maxQueueDelayMs > 0) return;
        const inTime = queue.filter((request) => request.deadlineMs >= endMs(request));
        const able = inTime.length === 0 ? queue : inTime;
        const oldestMs = Math.min(...able.map(({ enqueuedAtMs }) => enqueuedAtMs));
        if (settings.oldestFirst) expect(taken.map(({ enqueuedAtMs }) => enqueuedAtMs)).toContain(oldestMs);
        else expect(taken).toContain(able[0]);
        // Nobody of equal shape is passed by, unless it does not fit.
        if (settings.oldestFirst || taken[0]!.mayPad || rows === 0) return;
        for (let position = 0; position < positions[positions.length - 1]!; position++) {
          const passed = queue[position]!;
          if (positions.includes(position) || passed.groupKey !== taken[0]!.groupKey || !inTime.includes(passed))
            continue;
          const before = taken.filter((_, index) => positions[index]! < position);
          const rowsBefore = before.reduce((sum, request) => sum + request.rows, 0);
          expect(rowsBefore + passed.rows).toBeGreaterThan(settings.maxBatchSize);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('loses and doubles nothing until the queue is empty', () => {
    fc.assert(
      fc.property(queues, allSettings, (queue, settings) => {
        const left = [...queue];
        const served: number[] = [];
        for (let turn = 0; left.length > 0; turn++) {
          const decision = nextBatch(left, 1000, { ...settings, oldestFirst: turn % 8 === 7 });
          if (decision.kind !== 'run') throw new Error('it waits although all waited long enough');
          for (const position of [...decision.positions].reverse())
            served.push(...left.splice(position, 1).map(({ id }) => id));
        }
        expect(served.sort((a, b) => a - b)).toEqual(queue.map(({ id }) => id));
      }),
    );
  });
});

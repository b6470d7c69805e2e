import { createEngine } from '../create-engine';
import { fp32 } from '../testing';

/**
 * Serves a repository whose model `tiny` runs on the event loop, asks it many times in one turn of the loop, and tells how many turns
 * passed until all were answered: while the clock stands still, and while every look at it finds it a millisecond later.
 */

const callsInTurn = 64;

let clockMs = 0;
let msPerLook = 0;

/** Turns of the event loop so far. */
let turns = 0;

async function main(repository: string): Promise<void> {
  const engine = await createEngine({ repository, cpuBudget: 2 });
  Object.defineProperty(performance, 'now', { value: () => (clockMs += msPerLook) });
  const rows: number[] = [];
  engine.observe({ batchRan: (batch) => rows.push(batch.rows) });
  const inputs = new Map([['input', fp32([1, 8], new Array<number>(8).fill(0.5))]]);
  const ask = (): Promise<unknown> => engine.infer({ model: 'tiny', inputs, signal: new AbortController().signal });
  let isCounting = true;
  const count = (): void => {
    turns++;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  for (const step of [0, 1]) {
    msPerLook = step;
    const before = turns;
    await Promise.all(Array.from({ length: callsInTurn }, ask));
    console.log(JSON.stringify({ turns: turns - before, batches: rows.length, rows: rows.splice(0) }));
  }
  isCounting = false;
  await engine.close();
}

void main(process.argv[2]!);

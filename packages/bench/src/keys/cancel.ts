import { join } from 'node:path';
import { endless, writeRepository } from '@tributary/engine/testing';
import { engineRequestsOf, startEngine } from '../engine/bench-engine';
import type { EngineCall } from '../engine/engine-plan';
import { median, seededRandom, spread } from '../measure/statistics';
import { makeEncoderWorkload, tokenRow } from '../workloads/encoder-workload';
import { makeMlpWorkload } from '../workloads/mlp';
import { atMost, type Bench, type Key, type KeyName } from './key';

/** Rows and tokens of the encoder's long run. */
const rows = 8;
const tokens = 512;

interface CancelKey {
  readonly name: KeyName;
  readonly meaning: string;
  readonly atMost: number;
  readonly runsARound: number;
  /** Between which times a run is cancelled, in milliseconds after its call: it is under way and far from its end. */
  readonly from: number;
  readonly to: number;
  /** Makes the model that runs long, and its call. */
  readonly make: (bench: Bench) => Promise<EngineCall>;
}

/** A loop without an end gives its lane back at its next node, which is at once. */
export const cancelLoopMs: Key = cancelKey({
  ...{ name: 'cancel.loop_ms', atMost: 5, runsARound: 20, from: 20, to: 60 },
  meaning:
    "an endless Loop at the engine's interface, one lane: milliseconds from its cancellation to the answer of a tiny call that waits for the lane",
  make({ scratch }) {
    writeRepository(repositoryIn(scratch), { endless: { model: endless() } });
    return Promise.resolve({
      model: 'endless',
      inputs: [
        { name: 'input', datatype: 'FP32', shape: [4], bytes: new Uint8Array(16) },
        { name: 'forever', datatype: 'BOOL', shape: [], bytes: Uint8Array.of(1) },
      ],
    });
  },
});

/** The longest nodes of an encoder take some ten milliseconds on one thread. */
export const cancelEncoderMs: Key = cancelKey({
  ...{ name: 'cancel.encoder_ms', atMost: 70, runsARound: 8, from: 50, to: 650 },
  meaning: `the encoder on ${rows} x ${tokens} tokens, likewise`,
  async make(bench) {
    await makeEncoderWorkload(bench, { batching: { maxBatchSize: rows } });
    const bytes = tokenRow(rows * tokens, 512);
    return { model: 'encoder', inputs: [{ name: 'ids', datatype: 'INT64', shape: [rows, tokens], bytes }] };
  },
});

function cancelKey({ name, meaning, atMost: limit, runsARound, from, to, make }: CancelKey): Key {
  return {
    name,
    meaning,
    target: atMost(limit),
    // The first round is not counted.
    steps: ({ rounds }) => rounds + 1,
    async measure(bench) {
      const long = await make(bench);
      // A model that is not batched never runs on the event loop: its call waits for the lane.
      const short = await makeMlpWorkload(bench, { name: 'mlp', settings: { batching: { maxBatchSize: 1 } } });
      const { repository } = short;
      const program = await startEngine(bench.group, name, { repository, isolation: 'runner', cpuBudget: 1 });
      const random = seededRandom(7);
      const laneMs: number[] = [];
      const callerMs: number[] = [];
      for (let round = 0; round <= bench.rounds; round++) {
        const afterMs = Array.from({ length: runsARound }, () => from + random() * (to - from));
        const times = await program.ask('cancel', { long, short: engineRequestsOf('mlp', short)[0]!, afterMs });
        bench.onTimed('from cancellation to a free lane', median(times.laneMs));
        if (round === 0) continue;
        laneMs.push(median(times.laneMs));
        callerMs.push(...times.callerMs);
      }
      return {
        ...{ ratios: laneMs, ratio: spread(laneMs), refusals: [] },
        numerator: { name: 'cancellation to a free lane', milliseconds: spread(laneMs) },
        notes: [
          `medians of ${runsARound} runs a round; the cancelled caller heard of it after ${median(callerMs).toFixed(2)} ms`,
        ],
      };
    },
  };
}

/** Where workloads put their models. */
function repositoryIn(scratch: string): string {
  return join(scratch, 'repository');
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CallError, createClient } from '@tributary/client';
import { errorCatalogue, type ErrorReason, type Tensor } from '@tributary/contract';
import {
  fp32,
  fp32Values,
  hostileManners,
  hostileTensors,
  operatorGraphs,
  scale,
  writeRepository,
} from '@tributary/engine/testing';
import { root } from './support/paths';
import { startProcess } from './support/process';
import { createRandom } from './support/random';

/** What a run may come to, whatever it is given. */
const allowed: readonly ErrorReason[] = [
  'BATCH_SIZE_MISMATCH',
  'MODEL_NOT_READY',
  'OUTPUTS_TOO_LARGE',
  'RUN_CRASHED',
  'RUN_FAILED',
  'RUN_OUT_OF_MEMORY',
  'RUN_TIMEOUT',
  'TENSOR_EMPTY',
];

/** More rounds for a run by hand: OPERATOR_ROUNDS=20 npx jest test/dist/operators.test.js */
const rounds = Number(process.env['OPERATOR_ROUNDS'] ?? 1);

const callers = 4;

describe('operators that get what nobody expects', () => {
  it('end no service: each call gets an answer or a refusal of the catalogue, and the next model answers', async () => {
    const graphs = operatorGraphs();
    const repository = mkdtempSync(join(tmpdir(), 'tributary-operators-'));
    writeRepository(repository, {
      ...Object.fromEntries(graphs.map(({ name, model }) => [name, { model }])),
      twice: { model: scale(2) },
    });
    const service = await startProcess(root, 'nlp', ['--repository', repository, '--run-timeout', '3s']);
    const client = createClient(service.address);
    try {
      await client.waitUntilReady();
      const outcomes = new Map<string, number>();
      const faults: object[] = [];
      const ask = async (model: string, inputs: Record<string, Tensor>): Promise<string> => {
        try {
          await client.infer({ model, inputs: new Map(Object.entries(inputs)) }, { timeoutMs: 60_000 });
          return 'answered';
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          const { reason, code } = error;
          const entry = allowed.find((one) => one === reason);
          const isAllowed = entry !== undefined && errorCatalogue[entry].status === code;
          return isAllowed ? entry : `${code} ${reason}: ${error.details}`;
        }
      };
      const waiting = graphs.flatMap((graph) =>
        Array.from({ length: rounds }, (_, round) =>
          hostileManners.map((manner, index) => ({ graph, manner, seed: round * 100 + index })),
        ).flat(),
      );
      const caller = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const { graph, manner, seed } = next;
          const random = createRandom(seed);
          const outcome = await ask(
            graph.name,
            hostileTensors(graph, manner, () => random.next()),
          );
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          const isKnown = outcome === 'answered' || (allowed as readonly string[]).includes(outcome);
          if (!isKnown) faults.push({ model: graph.name, manner, seed, outcome });
          if (outcome !== 'RUN_CRASHED') continue;
          const twice = await client.infer({
            model: 'twice',
            inputs: new Map([['input', fp32([1, 4], [1, 2, 3, 4])]]),
          });
          expect(fp32Values(twice.outputs.get('output')!)).toEqual([2, 4, 6, 8]);
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      expect(faults).toEqual([]);
      // The table is worth its time: there are graphs that answer, that fail and that die.
      expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['answered', 'RUN_CRASHED', 'RUN_FAILED']));
      expect(service.lines.filter((line) => line.includes('"msg":"starting"'))).toHaveLength(1);
    } finally {
      client.close();
      const code = await service.stop();
      rmSync(repository, { recursive: true });
      expect(code).toBe(0);
    }
  });
});

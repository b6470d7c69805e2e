import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { castTo } from '@tributary/engine/testing';
import { repositoryOf, startEngine } from './test/support';
import { tuneModel } from './tune-model';

describe('tributary tune', () => {
  it('writes a plan that the engine obeys', async () => {
    // FP16 never runs on the event loop, which cannot be measured on jest's own thread.
    const repository = repositoryOf({ one: { model: castTo('FP16') } });
    const { plan, file, placements } = await tuneModel({ repository, model: 'one', cpuBudget: 2, quick: true });
    expect(placements.filter(({ isChosen }) => isChosen)).toHaveLength(1);
    expect(plan).toMatchObject({ cores: 2, inline: false, version: '1' });
    expect(plan.costs.length).toBeGreaterThan(0);
    expect(file).toBe(join(repository, 'one/plan.json'));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(plan);
    const lines: string[] = [];
    const record = (_fields: object, message: string): void => void lines.push(message);
    const engine = await startEngine(repository, {
      cpuBudget: 2,
      log: { info: record, warn: record, error: record },
    });
    expect(lines).toContain('placed by plan.json');
    expect(engine.resolve('one').maxBatchSize).toBe(plan.maxBatchSize);
    await expect(tuneModel({ repository, model: 'two' })).rejects.toThrow('there is no model two');
  });
});

import { describe, expect, it } from '@jest/globals';
import { Simulation, type SimulationPlan } from './simulation';

// The routing of the router against fakes in virtual time; with 1,000 upstreams: main.js beside this file, docs/scaling.md.
const plan: SimulationPlan = { seed: 1, routers: 1, upstreams: 100, subsetSize: 0, load: 0.6 };

describe('a simulation with 100 upstreams of four speeds', () => {
  it('gives each within a tenth of the calls of its like, at first and after all were replaced', async () => {
    const simulation = await Simulation.start(plan);
    await simulation.run(8_000);
    const steady = simulation.balance();
    expect(steady.least).toBeGreaterThan(0.9);
    expect(steady.most).toBeLessThan(1.1);
    await simulation.replaceAll(50);
    simulation.balance();
    await simulation.run(8_000);
    const renewed = simulation.balance();
    expect(renewed.least).toBeGreaterThan(0.9);
    expect(renewed.most).toBeLessThan(1.1);
    expect(renewed.answered).toBeGreaterThan(0.95 * steady.answered);
    expect(simulation.failed).toBe(0);
    simulation.close();
  });

  it('goes on with the others where a tenth of them die at once, and takes in those that come for them', async () => {
    const simulation = await Simulation.start(plan);
    await simulation.run(500);
    await simulation.vanish(10, 500);
    const failed = simulation.failed;
    // Two attempts may both meet one that has just died.
    expect(failed).toBeLessThanOrEqual(5);
    expect(simulation.mostFollowed).toBe(90);
    await simulation.grow(10);
    expect(simulation.mostFollowed).toBe(100);
    simulation.balance();
    await simulation.run(8_000);
    const { least, most } = simulation.balance();
    expect(least).toBeGreaterThan(0.9);
    expect(most).toBeLessThan(1.1);
    expect(simulation.failed).toBe(failed);
    simulation.close();
  });

  it('shares them among routers that follow some each, so that each upstream has its routers and its calls', async () => {
    const simulation = await Simulation.start({ ...plan, routers: 20, subsetSize: 10 });
    expect(simulation.mostFollowed).toBeLessThan(70);
    expect(simulation.fewestFollowers).toBe(10);
    await simulation.run(500);
    await simulation.replaceAll(50);
    expect(simulation.fewestFollowers).toBe(10);
    simulation.balance();
    await simulation.run(8_000);
    const { least, most } = simulation.balance();
    expect(least).toBeGreaterThan(0.85);
    expect(most).toBeLessThan(1.15);
    expect(simulation.failed).toBe(0);
    simulation.close();
  });

  it('comes to the same figures from the same seed, and to others from another', async () => {
    const figures = async (seed: number) => {
      const simulation = await Simulation.start({ ...plan, upstreams: 20, seed });
      await simulation.run(200);
      const first = simulation.balance();
      await simulation.replaceAll(20);
      simulation.balance();
      await simulation.run(200);
      simulation.close();
      return [first, simulation.balance()];
    };
    const first = await figures(1);
    expect(await figures(1)).toEqual(first);
    expect(await figures(2)).not.toEqual(first);
  });
});

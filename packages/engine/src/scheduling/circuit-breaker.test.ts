import { describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker';

describe('CircuitBreaker', () => {
  it('opens at the third death in a row, for longer each time, up to five minutes', () => {
    const breaker = new CircuitBreaker();
    const rests = Array.from({ length: 9 }, () => breaker.reportDeath() / 1000);
    expect(rests).toEqual([0, 0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('starts anew after a success', () => {
    const breaker = new CircuitBreaker();
    for (let death = 0; death < 5; death++) breaker.reportDeath();
    breaker.reportSuccess();
    expect([breaker.reportDeath(), breaker.reportDeath()]).toEqual([0, 0]);
  });
});

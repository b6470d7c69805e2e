import { afterAll, describe, expect, it } from '@jest/globals';
import { LoadGenerator } from '../load/load-generator';
import { served, servedBeside, type Load } from '../measure/served';
import { ProcessGroup } from '../process/process-group';
import { startBareHttp2Server } from '../servers/echo-server';
import type { MeasuredServer } from '../servers/measured-server';

const group = new ProcessGroup();
afterAll(() => group.end());

const answer = Uint8Array.of(1, 2, 3);
const window = { warmUpMs: 50, windowMs: 300 };

function load(expected: Uint8Array, callsPerSecond: number): Load {
  return {
    path: '/test/Answer',
    requests: [{ message: new Uint8Array(100), check: { kind: 'bytes', expected } }],
    connections: 1,
    mode: { kind: 'open', callsPerSecond, seed: 1, timedFrom: 'sent' },
  };
}

describe('servedBeside', () => {
  it("times one load, and holds the sum of all that go to a server against the server's count", async () => {
    const server = await startBareHttp2Server(group, { path: '/', answer });
    const measured = { generator: new LoadGenerator(group), server, load: load(answer, 200) };
    const beside = { generator: new LoadGenerator(group), server, load: load(answer, 600) };
    const both = await servedBeside('both', measured, [beside]).measure(window);
    expect(both.faults).toEqual([]);
    // A Poisson count of 60; it would be 240 if both were timed.
    expect(both.perSecond).toBeLessThan(400);
    expect(both.latency!.p99Ms).toBeGreaterThan(0);
  });

  it('does not pass over what the load beside it got wrong', async () => {
    const server = await startBareHttp2Server(group, { path: '/', answer });
    const measured = { generator: new LoadGenerator(group), server, load: load(answer, 200) };
    const beside = { generator: new LoadGenerator(group), server, load: load(Uint8Array.of(9), 200) };
    const { faults } = await servedBeside('both', measured, [beside]).measure(window);
    expect(faults).toContain('wrong answers, e.g. other bytes than expected');
  });

  it("says where a server's count is not that of its clients", async () => {
    const { port, pid, name } = await startBareHttp2Server(group, { path: '/', answer });
    let asked = 0;
    const server: MeasuredServer = { port, pid, name, answered: () => Promise.resolve(asked++ === 0 ? 0 : 1_000_000) };
    const { faults } = await served(new LoadGenerator(group), server, load(answer, 200)).measure(window);
    expect(faults[0]).toMatch(/^the server counted 1000000 answers where [0-9]+ came$/);
  });
});

import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CallError } from '@tributary/client';
import { errorCatalogue, Status, type RefusalTable } from '@tributary/contract';
import { hostileRequest } from './support/hostile-requests';
import { createRandom } from './support/random';
import { root, services, useSystem } from './support/system';

interface Outcome {
  readonly path: string;
  readonly code: number;
  readonly details: string;
  readonly reason: string | undefined;
  readonly everything: string;
}

/** Those of the contract and of every service. */
const refusals: RefusalTable = Object.assign(
  {},
  errorCatalogue,
  ...services.map((name) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- services are programs, not packages to import
    const table = require(join(root, 'services', name, 'dist/refusals.js')) as { refusals: RefusalTable };
    return table.refusals;
  }),
);

/** What must never reach a caller: paths, addresses in memory, stacks, libraries, hosts. */
const secrets = [
  /\/(home|root|work|tmp|usr|var|etc)\//,
  /onnxruntime/i,
  /\bat .+:\d+:\d+/,
  /0x[0-9a-f]{6,}/i,
  /node_modules/,
  /protobuf\.js|libvips|sharp|pino/i,
  /ENOENT|EACCES/,
];

describe('under hostile requests', () => {
  const system = useSystem();

  const openFiles = (): number[] =>
    ['router', ...services].map(
      (name) => readdirSync(`/proc/${system.processes.get(name as 'router')!.pid()!}/fd`).length,
    );

  async function attack(
    process: 'router' | (typeof services)[number],
    seed: number,
    count: number,
  ): Promise<Outcome[]> {
    const random = createRandom(seed);
    const client = system.client(process);
    const outcomes: Outcome[] = [];
    for (let sent = 0; sent < count; sent += 8) {
      const requests = Array.from({ length: Math.min(8, count - sent) }, () => hostileRequest(random));
      outcomes.push(
        ...(await Promise.all(
          requests.map(async ({ method, bytes }) => {
            const answer = await client.callBytes(method.path, bytes, { timeoutMs: 20_000 });
            const error = new CallError(answer);
            const everything = [
              answer.details,
              ...[...answer.trailers, ...answer.headers]
                .filter(([key]) => key !== 'x-request-id')
                .flatMap(([key, values]) => [key, ...values.map(String)]),
            ].join('\n');
            return { path: method.path, code: answer.code, details: answer.details, reason: error.reason, everything };
          }),
        )),
      );
    }
    return outcomes;
  }

  it('case 17: 1,000 random and mutated requests get only what the catalogue knows, and the system lives on', async () => {
    const pids = ['router', ...services].map((name) => system.processes.get(name as 'router')!.pid());
    await attack('router', 1, 40);
    const filesBefore = openFiles();

    const outcomes = await attack('router', 17, 1000);
    for (const { path, code, details, reason } of outcomes) {
      const what = { path, code, details, reason };
      if (code === Status.OK) continue;
      // Every refusal is one of the catalogue's, with the catalogue's status.
      expect({ ...what, known: reason !== undefined && Object.hasOwn(refusals, reason) }).toEqual({
        ...what,
        known: true,
      });
      expect({ ...what, code }).toEqual({ ...what, code: refusals[reason!]!.status });
      expect([Status.UNKNOWN, Status.INTERNAL, Status.UNAVAILABLE]).not.toContain(code);
    }
    expect(new Set(outcomes.map(({ reason }) => reason)).size).toBeGreaterThanOrEqual(10);

    expect(['router', ...services].map((name) => system.processes.get(name as 'router')!.pid())).toEqual(pids);
    const grown = openFiles().map((count, i) => count - filesBefore[i]!);
    expect(Math.max(...grown)).toBeLessThanOrEqual(2);
    const { items } = await system
      .client('router')
      .call('tributary.recommendation.v1.RecommendationService/Recommend', { userId: 146, k: 1 });
    expect(items).toHaveLength(1);
  });

  it('case 60: no answer of 200 seeded failures tells of paths, stacks, libraries or hosts', async () => {
    const failures = [
      ...(await attack('router', 60, 120)),
      ...(await attack('image', 61, 60)),
      ...(await attack('nlp', 62, 60)),
      ...(await attack('recommendation', 63, 60)),
    ].filter(({ code }) => code !== Status.OK);
    expect(failures.length).toBeGreaterThanOrEqual(200);
    for (const { everything } of failures) {
      // What the caller sent may come back, quoted.
      const own = everything.replaceAll(/'[^']*'|"[^"]*"|evil|etc\/passwd/g, '');
      for (const secret of [...secrets, new RegExp(root), new RegExp(`\\b${hostname()}\\b`)])
        expect(own).not.toMatch(secret);
    }
  });
});

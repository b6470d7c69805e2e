import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createEngine } from '../create-engine';
import { fp32 } from '../testing';

/** Serves a repository for a moment and tells how many threads and how much processor time that took. */

const idleMs = 1500;

const countThreads = (): number => readdirSync('/proc/self/task').length;

async function main(repository: string, cpuBudget: string | undefined): Promise<void> {
  // libuv starts its pool at the first use; it does not belong to the engine.
  await readFile('/proc/self/status');
  const threadsBefore = countThreads();
  const engine = await createEngine({
    repository,
    ...(cpuBudget !== undefined && { cpuBudget: Number(cpuBudget) }),
    tasksModule: require.resolve('./toy-tasks'),
  });
  const signal = new AbortController().signal;
  await engine.infer({
    model: 'net',
    inputs: new Map([['input', fp32([1, 64], new Array<number>(64).fill(1))]]),
    signal,
  });
  const threads = countThreads() - threadsBefore;
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const { user, system } = process.cpuUsage(before);
  const { plan } = engine;
  await engine.close();
  console.log(
    JSON.stringify({
      threads,
      plan,
      idleLoad: (user + system) / 1000 / idleMs,
      threadsLeft: countThreads() - threadsBefore,
    }),
  );
}

const [repository, cpuBudget] = process.argv.slice(2);
void main(repository!, cpuBudget);

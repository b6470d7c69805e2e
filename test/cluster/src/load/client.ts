// The load as a user of our TypeScript client makes it: `node client.js <plan.json>`, inside a pod. Ends when its stdin does;
// a line of it is the share of the plan's rate that is called from then on.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClient } from '@tributary/client';
import type { LoadPlan, LoadReport } from './plan';

const plan = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as LoadPlan;
const client = createClient(plan.target, { timeoutMs: plan.timeoutMs });
const calls = plan.calls.map(({ path, request }) => ({ path, bytes: Buffer.from(request, 'base64') }));

const report: LoadReport = { sent: 0, ok: 0, failed: 0, skipped: 0, failures: [], latenciesMs: [0, 0, 0] };
const latencies: number[] = [];
let inFlight = 0;
let stopping = false;
let onIdle = (): void => undefined;

async function send(): Promise<void> {
  const { path, bytes } = calls[report.sent % calls.length]!;
  report.sent++;
  inFlight++;
  const startedAt = performance.now();
  const { code, details, message } = await client.callBytes(path, bytes);
  if (code === 0 && message !== undefined) {
    report.ok++;
    latencies.push(performance.now() - startedAt);
  } else {
    report.failed++;
    if (report.failures.length < 20) report.failures.push({ at: Date.now(), path, code, details });
  }
  inFlight--;
  if (inFlight === 0) onIdle();
}

/** Without a rate: as fast as `maxInFlight` callers get answers. */
async function caller(): Promise<void> {
  while (!stopping) await send();
}

let share = 1;
let due = 0;
let lastTick = performance.now();
/** With a rate: calls begin when it is their time, whatever became of those before. */
function tick(rate: number): void {
  const now = performance.now();
  // A pause of this process is not made up for by a burst.
  due += (Math.min(now - lastTick, 100) / 1000) * rate * share;
  lastTick = now;
  for (; due >= 1; due--) {
    if (inFlight < plan.maxInFlight) void send();
    else report.skipped++;
  }
}

function onLine(line: string): void {
  share = Number(line);
}

function print(): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

async function main(): Promise<void> {
  await client.waitUntilReady();
  const ticking = plan.rate === undefined ? undefined : setInterval(tick, 5, plan.rate);
  const callers = plan.rate === undefined ? Array.from({ length: plan.maxInFlight }, caller) : [];
  const printing = setInterval(print, 500);
  print();
  await new Promise((resolve) => createInterface({ input: process.stdin }).on('line', onLine).on('close', resolve));
  stopping = true;
  clearInterval(ticking);
  if (inFlight > 0) await new Promise<void>((resolve) => (onIdle = resolve));
  await Promise.all(callers);
  clearInterval(printing);
  latencies.sort((one, other) => one - other);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  report.latenciesMs = [at(0.5), at(0.99), at(1)];
  print();
  client.close();
}

void main();

import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { frameMessage } from '../load/frame';
import { callOnce } from '../load/grpc-connection';
import { cpuSecondsOfTree } from '../process/process-cpu';
import type { ProcessGroup } from '../process/process-group';
import { freePorts } from './free-port';
import type { MeasuredServer } from './measured-server';
import { parseSamples, sumOf } from './prometheus-text';

/** Loading and warming up may take this long. */
const startTimeoutMs = 120_000;
/** Models have been measured by then, whatever the machine does. */
const settleTimeoutMs = 20_000;
/** At rest: CPU below this, the least that the system counts twice, within this time. */
const [restMs, restSeconds] = [400, 0.02];
const healthCheck = '/grpc.health.v1.Health/Check';
/** HealthCheckResponse with status SERVING. */
const serving = Uint8Array.of(0x08, 0x01);

/** A process of the product, started as anyone would start it. */
export interface Service extends MeasuredServer {
  answered(path: string): Promise<number>;
  /** Sum of the samples of a metric whose labels hold these values, now. */
  metric(name: string, labels: Readonly<Record<string, string>>): Promise<number>;
  end(): Promise<void>;
}

/** How a process of the product is started. */
export interface ServicePlan {
  readonly root: string;
  /** Below `services/`. */
  readonly folder: string;
  readonly flags: readonly string[];
  /** Folder for its log. */
  readonly scratch: string;
}

/**
 * Starts `services/<folder>` on free ports with further flags, and waits until it is ready and at rest: a service measures its models
 * once they serve, and puts them where that says.
 */
export async function startService(group: ProcessGroup, plan: ServicePlan): Promise<Service> {
  const { service, child, logFile } = await launch(group, plan);
  await untilServing(child, plan.folder, service.port, logFile);
  await untilAtRest(service.pid);
  return service;
}

/** Starts it and does not wait. */
export async function launchService(group: ProcessGroup, plan: ServicePlan): Promise<Service> {
  return (await launch(group, plan)).service;
}

interface Launched {
  readonly service: Service;
  readonly child: ChildProcess;
  readonly logFile: string;
}

async function launch(group: ProcessGroup, plan: ServicePlan): Promise<Launched> {
  const [grpcPort, metricsPort] = (await freePorts(2)) as [number, number];
  const main = join(plan.root, 'services', plan.folder, 'dist/main.js');
  const ports = [`--host=127.0.0.1`, `--grpc-port=${grpcPort}`, `--metrics-port=${metricsPort}`];
  const child = spawn(process.execPath, [main, ...ports, ...plan.flags], {
    cwd: plan.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  group.add(plan.folder, child);
  const logFile = join(plan.scratch, `${plan.folder}.log`);
  const log = createWriteStream(logFile);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const service: Service = {
    name: `${plan.folder} ${plan.folder === 'router' ? '' : 'service'}`.trim(),
    port: grpcPort,
    pid: child.pid!,
    answered: (path) => {
      const method = path.replace(/^\//, '');
      return scrape(metricsPort, 'tributary_grpc_requests_total', { method, code: 'OK' });
    },
    metric: (name, labels) => scrape(metricsPort, name, labels),
    end: () => group.end([child]),
  };
  return { service, child, logFile };
}

async function untilServing(child: ChildProcess, name: string, port: number, logFile: string): Promise<void> {
  const giveUpAt = Date.now() + startTimeoutMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < giveUpAt) {
    const answer = await callOnce(port, healthCheck, frameMessage(new Uint8Array()), 2000).catch(() => undefined);
    if (answer !== undefined && Buffer.compare(answer, serving) === 0) return;
    await wait(100);
  }
  const lastLines = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new Error(`${name} did not start${lastLines === '' ? '' : `; it said last:\n${lastLines}`}`);
}

/** Until a process and those it started use next to no CPU. */
async function untilAtRest(pid: number): Promise<void> {
  const giveUpAt = Date.now() + settleTimeoutMs;
  for (let before = cpuSecondsOfTree(pid); before !== undefined && Date.now() < giveUpAt;) {
    await wait(restMs);
    const after = cpuSecondsOfTree(pid);
    if (after === undefined || after - before < restSeconds) return;
    before = after;
  }
}

/** From the process's own metrics. */
async function scrape(metricsPort: number, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  // A connection of its own: one that is kept may be closed by a server in the moment in which it is used again.
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`metrics answered ${response.status}`);
  return sumOf(parseSamples(await response.text()), name, labels);
}

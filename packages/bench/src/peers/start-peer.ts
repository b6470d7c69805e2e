import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { faultOf } from '../load/answer-check';
import { frameMessage } from '../load/frame';
import { GrpcConnection } from '../load/grpc-connection';
import { HttpConnection } from '../load/http-connection';
import type { LoadRequest } from '../load/load-plan';
import type { UnaryConnection } from '../load/unary-connection';
import type { Load } from '../measure/served';
import type { ProcessGroup } from '../process/process-group';
import { freePorts } from '../servers/free-port';
import type { MeasuredServer } from '../servers/measured-server';
import { peerFolder, type Peer } from './peer';

/** Triton needs some seconds, more on a busy machine. */
const startTimeoutMs = 120_000;
const pollMs = 100;

/** What a peer serves with. */
export interface PeerSettings {
  /** Processes, or instances of the model, where the peer has them. */
  readonly workers: number;
  /** Threads of one run. */
  readonly threads: number;
  /** Rows that may run together, where the peer batches. */
  readonly maxBatchSize: number;
}

export interface PeerPlan {
  readonly peer: Peer;
  /** Its environment's Python. */
  readonly python: string;
  readonly root: string;
  /** Folder for its plan and its log. */
  readonly scratch: string;
  readonly model: { readonly name: string; readonly file: string };
  readonly settings: PeerSettings;
  /** How it is called, once to see whether it is up. */
  readonly load: Load;
}

/** Starts a peer with one model and waits until it answers right. Fails with one line. */
export async function startPeer(group: ProcessGroup, plan: PeerPlan): Promise<MeasuredServer> {
  const { peer, settings } = plan;
  const [grpcPort, httpPort, metricsPort] = (await freePorts(3)) as [number, number, number];
  const planFile = join(plan.scratch, `${peer.name}.json`);
  const logFile = join(plan.scratch, `${peer.name}.log`);
  await writeFile(
    planFile,
    JSON.stringify({
      ...plan.model,
      ...{ grpc_port: grpcPort, http_port: httpPort, metrics_port: metricsPort },
      ...{ workers: settings.workers, threads: settings.threads, max_batch_size: settings.maxBatchSize },
    }),
  );
  const child = spawn(plan.python, [join(peerFolder(plan.root), `serve_${peer.name}.py`), planFile], {
    cwd: plan.scratch,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
  group.add(peer.title, child, { startsOthers: true });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const port = peer.protocol === 'grpc' ? grpcPort : httpPort;
  const giveUpAt = Date.now() + startTimeoutMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < giveUpAt) {
    const answer = await tryOnce(port, plan.load);
    if (answer === undefined) {
      await wait(pollMs);
      continue;
    }
    const fault = faultOf(answer, plan.load.requests[0]!.check);
    if (fault !== undefined) throw new Error(`${peer.title}'s first answer: ${fault}`);
    return { name: peer.title, port, pid: child.pid! };
  }
  const said = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1);
  throw new Error(`${peer.title} did not start${said === undefined || said === '' ? '' : `: ${said}`}`);
}

/** The answer to the first request; undefined where there is none yet. */
async function tryOnce(port: number, { path, requests, protocol }: Load): Promise<Uint8Array | undefined> {
  const to = { host: '127.0.0.1', port };
  const http = protocol?.kind === 'http1';
  const opened: Promise<UnaryConnection> = http ? HttpConnection.open(to, protocol.headers) : GrpcConnection.open(to);
  const connection = await opened.catch(() => undefined);
  if (connection === undefined) return undefined;
  const { message } = requests[0]! satisfies LoadRequest;
  const answer = new Promise<Uint8Array | undefined>((resolve) =>
    connection.call(path, http ? Buffer.from(message) : frameMessage(message), (_status, bytes) => resolve(bytes)),
  );
  const limit = wait(5000, undefined, { ref: false });
  const first = await Promise.race([answer, limit]);
  await connection.close();
  return first;
}

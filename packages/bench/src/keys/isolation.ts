import { cp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inference } from '@tributary/contract';
import { divide, writeRepository } from '@tributary/engine/testing';
import { engineRequestsOf, inEngine, startEngine } from '../engine/bench-engine';
import { faultOf } from '../load/answer-check';
import { frameMessage } from '../load/frame';
import { GrpcConnection } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import { measureRatio, type RatioResult } from '../measure/ratio';
import { median, spread } from '../measure/statistics';
import { measurementsOf } from '../measure/turns';
import { descendantsOf } from '../process/process-cpu';
import { startService, type Service } from '../servers/service';
import { makeMlpWorkload } from '../workloads/mlp';
import { modelInferPath } from '../workloads/tensor-workload';
import { atLeast, atMost, type Bench, type Key } from './key';
import { makeShippedText } from './tasks';

const { ModelInferRequest } = inference;

/** A model that is not batched never runs on the event loop, so that each call is a run on a session lane. */
const onLanes = { batching: { maxBatchSize: 1 } };
const callsInFlight = [32, 1] as const;
const turn = { warmUpMs: 200, windowMs: 500 } as const;
const pairsPerRound = 4;

/** What a tiny run pays for a process between its caller and its session. */
export const isolationSmallRatio: Key = {
  name: 'isolation.small_ratio',
  meaning:
    "the perceptron at the engine's interface, every call a run on a session lane: answers a second with isolation runner / none, 32 in flight or alone, the worse",
  target: atLeast(1),
  steps: ({ rounds }) => measurementsOf(rounds, pairsPerRound) * callsInFlight.length,
  async measure(bench) {
    const workload = await makeMlpWorkload(bench, { name: 'mlp', settings: onLanes });
    const requests = engineRequestsOf('mlp', workload);
    const start = async (isolation: 'runner' | 'none'): ReturnType<typeof startEngine> => {
      const setup = { repository: workload.repository, isolation, cpuBudget: 2 };
      const program = await startEngine(bench.group, isolation, setup);
      await program.ask('take', requests);
      return program;
    };
    const [runner, none] = [await start('runner'), await start('none')];
    const window = bench.quick ? { ...turn, windowMs: turn.windowMs / 2 } : turn;
    const results: { readonly name: string; readonly result: RatioResult }[] = [];
    for (const inFlight of callsInFlight) {
      const name = inFlight === 1 ? 'alone' : `${inFlight} in flight`;
      const result = await measureRatio(
        inEngine(`runner, ${name}`, runner, inFlight),
        inEngine(`none, ${name}`, none, inFlight),
        { rounds: bench.rounds, window, pairsPerRound },
        bench.onMeasured,
      );
      results.push({ name, result });
    }
    const [worse] = results.toSorted((a, b) => a.result.ratio.median - b.result.ratio.median);
    return {
      ...worse!.result,
      refusals: results.flatMap(({ result }) => result.refusals),
      notes: results.map(({ name, result: { ratio, numerator, denominator } }) => {
        const rates = [numerator, denominator].map(({ perSecond }) => perSecond.median.toFixed(0)).join(' over ');
        return `${name}: ${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}, ${ratio.max.toFixed(2)}], ${rates} answers a second`;
      }),
    };
  },
};

/** How the runner is made to die. */
type Death = 'SIGFPE' | 'SIGKILL';
const deaths: readonly Death[] = ['SIGFPE', 'SIGKILL'];
const giveUpMs = 60_000;

/** How long a service is without its sessions after a death of what holds them. */
export const isolationRecoverMs: Key = {
  name: 'isolation.recover_ms',
  meaning:
    'service with bge-small-en and a tiny model: milliseconds from the death of its runner, by a division that traps or by SIGKILL, the worse, to right answers of both',
  target: atMost(700),
  steps: ({ rounds }) => (rounds + 1) * deaths.length,
  async measure(bench) {
    const site = await startRecoverySite(bench);
    const seen: Record<Death, Recovery[]> = { SIGFPE: [], SIGKILL: [] };
    for (let round = 0; round <= bench.rounds; round++) {
      for (const death of deaths) {
        const recovery = await recover(site, death);
        bench.onTimed(`after ${death}`, worseOf(recovery));
        // The first round is not counted: the file cache fills in it.
        if (round > 0) seen[death].push(recovery);
      }
    }
    await site.connection.close();
    const worst = deaths.toSorted((a, b) => median(seen[b].map(worseOf)) - median(seen[a].map(worseOf)))[0]!;
    const milliseconds = seen[worst].map(worseOf);
    return {
      ...{ ratios: milliseconds, ratio: spread(milliseconds), refusals: [] },
      numerator: { name: `${worst} to right answers`, milliseconds: spread(milliseconds) },
      notes: deaths.map((death) => {
        const of = (figure: keyof Recovery): string => median(seen[death].map((each) => each[figure])).toFixed(0);
        return `${death}: the tiny model after ${of('tinyMs')} ms, bge-small-en after ${of('textMs')} ms; ${of('failed')} calls failed meanwhile`;
      }),
    };
  },
};

/** A service whose runner dies, and what is asked of it. */
interface RecoverySite {
  readonly service: Service;
  readonly connection: GrpcConnection;
  readonly tiny: Question;
  readonly text: Question;
}

interface Question {
  readonly path: string;
  readonly request: LoadRequest;
}

/** One death: milliseconds to the first right answer of either model, and calls that failed on the way. */
interface Recovery {
  readonly tinyMs: number;
  readonly textMs: number;
  readonly failed: number;
}

async function startRecoverySite(bench: Bench): Promise<RecoverySite> {
  const text = await makeShippedText(bench);
  const { repository, requests } = await makeMlpWorkload(bench, { name: 'mlp', settings: onLanes });
  writeRepository(repository, { divide: { model: divide() } });
  const copy = join(repository, basename(text.modelFolder));
  await cp(join(text.modelFolder, text.version), join(copy, text.version), { recursive: true });
  await cp(join(text.modelFolder, 'model.json'), join(copy, 'model.json'));
  const flags = [`--repository=${repository}`];
  const service = await startService(bench.group, { ...bench, folder: text.folder, flags });
  const site = {
    service,
    connection: await GrpcConnection.open(service.port),
    tiny: { path: modelInferPath, request: requests[0]! },
    text: { path: text.path, request: text.requests[0]! },
  };
  await Promise.all([untilRight(site.connection, site.tiny), untilRight(site.connection, site.text)]);
  return site;
}

async function recover(site: RecoverySite, death: Death): Promise<Recovery> {
  const { service, connection, tiny, text } = site;
  const runner = await runnerOf(service);
  // A division that is right in between: the model would have to rest after three deaths in a row.
  if ((await divideBy(connection, 4n)) !== 0) throw new Error('the division was not answered');
  const startedAt = performance.now();
  if (death === 'SIGKILL') process.kill(runner, 'SIGKILL');
  else if ((await divideBy(connection, -1n)) === 0) throw new Error('the division that traps was answered');
  const [tinyEnd, textEnd] = await Promise.all([untilRight(connection, tiny), untilRight(connection, text)]);
  if ((await runnerOf(service)) === runner) throw new Error(`the runner did not die of ${death}`);
  return {
    ...{ tinyMs: tinyEnd.at - startedAt, textMs: textEnd.at - startedAt, failed: tinyEnd.failed + textEnd.failed },
  };
}

/** Id of the process that holds a service's sessions. */
async function runnerOf({ pid }: Service): Promise<number> {
  for (const child of descendantsOf(pid)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('runner')) return child;
  }
  throw new Error('the service has no runner');
}

/** -2^63 divided by a number: by -1 it traps. @returns the status of the call */
function divideBy(connection: GrpcConnection, divisor: bigint): Promise<number> {
  const tensor = { datatype: 'INT64', shape: [1] };
  const message = ModelInferRequest.encode({
    modelName: 'divide',
    inputs: [
      { name: 'a', ...tensor },
      { name: 'b', ...tensor },
    ],
    rawInputContents: [-(2n ** 63n), divisor].map((value) => new Uint8Array(BigInt64Array.of(value).buffer)),
  }).finish();
  return new Promise((resolve) => connection.call(modelInferPath, frameMessage(message), resolve, giveUpMs));
}

/** Asks until the answer is right, again at once where a call failed. */
async function untilRight(
  connection: GrpcConnection,
  { path, request }: Question,
): Promise<{ readonly at: number; readonly failed: number }> {
  const giveUpAt = performance.now() + giveUpMs;
  for (let failed = 0; performance.now() < giveUpAt; failed++) {
    const fault = await new Promise<string | undefined>((resolve) =>
      connection.call(
        path,
        frameMessage(request.message),
        (status, answer) =>
          resolve(status === 0 && answer !== undefined ? faultOf(answer, request.check) : `status ${status}`),
        giveUpMs,
      ),
    );
    if (fault === undefined) return { at: performance.now(), failed };
    if (!fault.startsWith('status')) throw new Error(`a wrong answer after a death: ${fault}`);
  }
  throw new Error(`no right answer of ${path} within ${giveUpMs / 1000} s`);
}

function worseOf({ tinyMs, textMs }: Recovery): number {
  return Math.max(tinyMs, textMs);
}

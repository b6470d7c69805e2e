import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { supervise, type SupervisedProcess } from '@tributary/cli';
import { CallError, createClient, type Client } from '@tributary/client';
import { statusName, type Tensor } from '@tributary/contract';
import { divide, endless, expand, fp32, slow, writeRepository } from '@tributary/engine/testing';
import { root } from '../support/paths';

/** One way in which a service is hurt. */
export interface Death {
  readonly name: string;
  /** What is done, in a sentence. */
  readonly fault: string;
  readonly times: number;
  /** Flags of the service. */
  readonly flags?: readonly string[];
  /**
   * Does it once, while others call.
   * @returns what the call that did it was answered; undefined where no call did it
   */
  readonly hurt: (patient: Patient) => Promise<string | undefined>;
  /** What the call that did it may hear. */
  readonly guilty?: string;
  /** True: calls beside it may fail with UNAVAILABLE while the service starts again. */
  readonly isOfService?: boolean;
}

/** What came of a death. */
export interface DeathResult {
  readonly name: string;
  readonly fault: string;
  readonly times: number;
  /** Answers to the calls that did it, by reason. */
  readonly guilty: Readonly<Record<string, number>>;
  /** Calls beside it: answered rightly, failed by reason, answered wrongly. */
  readonly answered: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly wrong: number;
  /** Longest time without any answer to the calls beside it. */
  readonly medianMs: number;
  readonly longestMs: number;
  /** What did not hold; empty: everything did. */
  readonly faults: readonly string[];
}

const callers = 6;
/** So wide that a run is too long for the event loop. */
const width = 1024;

/** A service that is hurt, with callers beside it. Their model runs on the lanes of the runner, not on the event loop. */
export class Patient {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tributary-deaths-'));
  private readonly service: SupervisedProcess;
  private client!: Client;
  private right: readonly Buffer[] = [];
  private port = 0;
  private served: (() => void)[] = [];
  private isOver = false;
  private lastAnswerMs = 0;
  private pauseMs = 0;
  answered = 0;
  wrong = 0;
  readonly failed: Record<string, number> = {};

  private constructor(flags: readonly string[]) {
    writeRepository(this.folder, {
      layers: { model: slow(width, 4) },
      divide: { model: divide() },
      endless: { model: endless() },
      expand: { model: expand() },
    });
    const own = ['--metrics-port=0', '--log-format=json', '--log-level=error', `--repository=${this.folder}`];
    this.service = supervise({
      name: 'nlp',
      script: join(root, 'services/nlp/dist/main.js'),
      args: () => [`--grpc-port=${this.port}`, ...own, ...flags],
      env: process.env,
      onLine: () => undefined,
      onServing: () => {
        for (const resolve of this.served.splice(0)) resolve();
      },
      onRestart: () => undefined,
    });
  }

  static async start(flags: readonly string[] = []): Promise<Patient> {
    const patient = new Patient(flags);
    const { grpcPort } = await patient.service.serving;
    patient.port = grpcPort;
    patient.client = createClient(`127.0.0.1:${grpcPort}`);
    await patient.client.waitUntilReady();
    patient.right = await Promise.all(
      Array.from({ length: callers }, async (_, caller) => Buffer.from(await patient.layers(caller))),
    );
    return patient;
  }

  /** @returns 'answered' or why not */
  async ask(model: string, inputs: Readonly<Record<string, Tensor>>, timeoutMs = 30_000): Promise<string> {
    try {
      await this.client.infer({ model, inputs: new Map(Object.entries(inputs)) }, { timeoutMs });
      return 'answered';
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return error.reason ?? statusName(error.code);
    }
  }

  /** Sends a signal to the process that holds the sessions. */
  hurtRunner(signal: NodeJS.Signals): void {
    process.kill(this.runner(), signal);
  }

  /** Resolves once another process of the service takes calls. */
  async killService(): Promise<void> {
    const served = new Promise<void>((resolve) => this.served.push(resolve));
    process.kill(this.service.pid()!, 'SIGKILL');
    await served;
  }

  /** Longest time without an answer while `work` is done, and until so many calls more were answered. */
  async pauseDuring(work: () => Promise<unknown>, more: number): Promise<number> {
    this.lastAnswerMs = performance.now();
    this.pauseMs = 0;
    await Promise.all([work(), this.untilAnswered(more)]);
    await this.untilAnswered(more);
    return this.pauseMs;
  }

  /** Calls until the patient is closed. */
  async call(caller: number): Promise<void> {
    while (!this.isOver) await this.ownCall(caller);
  }

  /** Resolves once so many calls more were answered. */
  async untilAnswered(more: number): Promise<void> {
    const wanted = this.answered + more;
    while (this.answered < wanted) await this.ownCall(0);
  }

  /** Lets the callers end. */
  end(): void {
    this.isOver = true;
  }

  /** @returns the exit code of the service */
  async close(): Promise<number | null> {
    this.client.close();
    const code = await this.service.stop(40_000);
    rmSync(this.folder, { recursive: true });
    return code;
  }

  private async ownCall(caller: number): Promise<void> {
    try {
      const bytes = await this.layers(caller);
      if (Buffer.compare(bytes, this.right[caller]!) === 0) this.answered++;
      else this.wrong++;
      const nowMs = performance.now();
      this.pauseMs = Math.max(this.pauseMs, nowMs - this.lastAnswerMs);
      this.lastAnswerMs = nowMs;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const reason = error.reason ?? statusName(error.code);
      this.failed[reason] = (this.failed[reason] ?? 0) + 1;
    }
  }

  private async layers(caller: number): Promise<Uint8Array> {
    const input = fp32([1, width], new Array<number>(width).fill(caller + 1));
    const { outputs } = await this.client.infer(
      { model: 'layers', inputs: new Map([['input', input]]) },
      { timeoutMs: 30_000 },
    );
    return outputs.get('output')!.bytes;
  }

  private runner(): number {
    const parent = this.service.pid()!;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const runner = pids.find((pid) => isRunnerOf(parent, pid));
    if (runner === undefined) throw new Error('there is no runner');
    return Number(runner);
  }
}

/** Hurts a service as often as the death says, with callers beside it. */
export async function tryDeath(death: Death): Promise<DeathResult> {
  const patient = await Patient.start(death.flags);
  const guilty: Record<string, number> = {};
  const pausesMs: number[] = [];
  const calls = Array.from({ length: callers }, (_, caller) => patient.call(caller));
  for (let time = 0; time < death.times; time++) {
    let heard: string | undefined;
    const hurt = async (): Promise<void> => {
      heard = await death.hurt(patient);
    };
    pausesMs.push(await patient.pauseDuring(hurt, 30));
    if (heard !== undefined) guilty[heard] = (guilty[heard] ?? 0) + 1;
  }
  patient.end();
  await Promise.all(calls);
  const code = await patient.close();
  const { answered, failed, wrong } = patient;
  pausesMs.sort((a, b) => a - b);
  const result = {
    ...{ name: death.name, fault: death.fault, times: death.times, guilty, answered, failed, wrong },
    medianMs: Math.round(pausesMs[Math.floor(pausesMs.length / 2)]!),
    longestMs: Math.round(pausesMs.at(-1)!),
  };
  return { ...result, faults: faultsOf(death, result, code) };
}

function faultsOf(
  { guilty, isOfService = false }: Death,
  result: Pick<DeathResult, 'guilty' | 'failed' | 'wrong'>,
  code: number | null,
): string[] {
  const faults: string[] = [];
  for (const [heard, times] of Object.entries(result.guilty))
    if (heard !== guilty) faults.push(`${times} calls that did it heard ${heard}`);
  if (result.wrong > 0) faults.push(`${result.wrong} calls were answered wrongly`);
  if (!isOfService)
    for (const [reason, times] of Object.entries(result.failed)) faults.push(`${times} calls failed with ${reason}`);
  if (code !== 0) faults.push(`the service ended with code ${code}`);
  return faults;
}

function isRunnerOf(parent: number, pid: string): boolean {
  try {
    const [, ppid] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('runner-program');
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

import { join } from 'node:path';
import type { Arrangement, BareModel, BareProgram, BareSetup } from '../bare/bare-plan';
import type { LoadRequest } from '../load/load-plan';
import { ChildProgram } from '../process/child-program';
import type { ProcessGroup } from '../process/process-group';
import type { Contestant, Measurement, Window } from './contestant';
import { startCpuMeter } from './cpu-meter';
import { median } from './statistics';

/** A model without a server in one arrangement, in its own process, as one side of a ratio. */
export class BareContestant implements Contestant {
  private readonly program: ChildProgram<BareProgram>;

  private constructor(
    readonly arrangement: Arrangement,
    program: ChildProgram<BareProgram>,
  ) {
    this.program = program;
  }

  static async start(group: ProcessGroup, setup: BareSetup): Promise<BareContestant> {
    const name = `bare ${describeArrangement(setup.arrangement)}`;
    const program = new ChildProgram<BareProgram>(group, name, join(__dirname, '../bare/bare-process.js'));
    await program.ask('load', setup);
    return new BareContestant(setup.arrangement, program);
  }

  get name(): string {
    return `bare ${describeArrangement(this.arrangement)}`;
  }

  /** Answers, one by one: what a server's answers are held against. */
  answer(messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return this.program.ask('answer', messages);
  }

  /** Takes the requests of the measurements to come. */
  take(requests: readonly LoadRequest[]): Promise<void> {
    return this.program.ask('take', requests);
  }

  async measure(window: Window): Promise<Measurement> {
    const cpu = startCpuMeter(this.program.pid);
    const result = await this.program.ask('run', window);
    return {
      perSecond: result.answersPerSecond,
      ...cpu(result.answers),
      faults: result.wrongAnswers > 0 ? [`wrong answers, e.g. ${result.firstFault}`] : [],
    };
  }

  end(): Promise<void> {
    return this.program.end();
  }
}

/** `2 lanes x 1 thread` */
export function describeArrangement({ lanes, threads }: Arrangement): string {
  return `${lanes} ${lanes === 1 ? 'lane' : 'lanes'} x ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** A sweep: answers a second of every arrangement, and the best of them, still running. */
export interface Sweep {
  readonly best: BareContestant;
  readonly figures: readonly { readonly arrangement: Arrangement; readonly perSecond: number }[];
}

/** Measures every arrangement some times in turn, keeps the best by median, ends the others. */
export async function sweep(
  group: ProcessGroup,
  plan: {
    readonly model: BareModel;
    readonly arrangements: readonly Arrangement[];
    readonly depth: number;
    readonly requests: readonly LoadRequest[];
    readonly passes: number;
    readonly window: Window;
  },
  onMeasured: (name: string, measurement: Measurement) => void,
): Promise<Sweep> {
  const entrants: { readonly contestant: BareContestant; readonly rates: number[] }[] = [];
  for (const arrangement of plan.arrangements) {
    const contestant = await BareContestant.start(group, { model: plan.model, arrangement, depth: plan.depth });
    await contestant.take(plan.requests);
    entrants.push({ contestant, rates: [] });
  }
  for (let pass = 0; pass < plan.passes; pass++) {
    for (const { contestant, rates } of entrants) {
      const measurement = await contestant.measure(plan.window);
      rates.push(measurement.perSecond);
      onMeasured(contestant.name, measurement);
    }
  }
  const figures = entrants.map(({ contestant, rates }) => ({ contestant, perSecond: median(rates) }));
  const { contestant: best } = figures.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
  await Promise.all(entrants.filter(({ contestant }) => contestant !== best).map(({ contestant }) => contestant.end()));
  return {
    best,
    figures: figures.map(({ contestant, perSecond }) => ({ arrangement: contestant.arrangement, perSecond })),
  };
}

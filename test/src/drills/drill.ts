import type { LoadPlan, LoadReport } from '@tributary/cli';
import { tributary } from '@tributary/contract';
import { Stage, type Loads, type StageOptions } from './stage';

/** One fault, and what must hold under it. */
export interface Drill {
  readonly name: string;
  /** Of the acceptance cases. */
  readonly cases: readonly number[];
  /** What is done to the system, in a sentence. */
  readonly fault: string;
  readonly stage?: StageOptions;
  /** Default: questions about movies. */
  readonly calls?: LoadPlan['calls'];
  /** Whether it needs names and links of its own. */
  readonly needsNamespaces?: boolean;
  /** What else is missing here; undefined: nothing. */
  readonly missing?: () => string | undefined;
  /** Whose count stays whole: of the processes that are not restarted. */
  readonly countedBy: 'routers' | 'services' | 'nobody';
  /** Deadline of calls; default 20 s. */
  readonly timeoutMs?: number;
  /** Does it; the loads run before, meanwhile and after. Resolves to what is worth telling, in short sentences. */
  readonly run: (stage: Stage, loads: Loads) => Promise<readonly string[]>;
  /** How many may fail; default 0. */
  readonly failuresExpected?: string;
  /**
   * How many calls of a client that only has the service config may fail; default 0. gRPC sends no call again whose headers have come, and
   * the trailers of an answer are a write of their own: who is killed between the two takes the answer along.
   */
  readonly foreignLosses?: number;
}

/** What came of a drill. */
export interface DrillResult {
  readonly name: string;
  readonly cases: readonly number[];
  readonly fault: string;
  readonly where: 'namespaces' | 'loopback';
  readonly seconds: number;
  readonly perSecond: number;
  /** Calls by client; undefined where there is no Python with gRPC. */
  readonly tributary: ClientFigures;
  readonly python: ClientFigures | undefined;
  /** Good answers as the clients and as the servers have counted them. */
  readonly answered: number;
  readonly counted: number | undefined;
  readonly countedBy: Drill['countedBy'];
  readonly failuresExpected: string;
  readonly notes: readonly string[];
  /** What did not hold; empty: everything did. */
  readonly faults: readonly string[];
}

export type ClientFigures = Pick<LoadReport, 'ok' | 'failed' | 'failures' | 'p50Ms' | 'p99Ms' | 'longestGapMs'>;

const { RecommendRequest, SimilarItemsRequest } = tributary.recommendation.v1;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const recommendation = '/tributary.recommendation.v1.RecommendationService';

/** Questions that models/recommendation/movies answers. */
export const movieCalls: LoadPlan['calls'] = [
  {
    path: `${recommendation}/SimilarItems`,
    request: base64(SimilarItemsRequest.encode({ itemId: 318, k: 5 }).finish()),
  },
  { path: `${recommendation}/Recommend`, request: base64(RecommendRequest.encode({ userId: 146, k: 5 }).finish()) },
];

/** Good answers that a process which was killed may have counted although nobody got them: what was under way, and retries. */
const underWay = 128;

/**
 * Runs a drill on a stage of its own, with at least `calls` good answers.
 * @throws Error where the system could not be brought to the state that the drill waits for
 */
export async function runDrill(drill: Drill, calls: number): Promise<DrillResult> {
  const stage = await Stage.open(drill.stage ?? {}, drill.calls ?? movieCalls);
  try {
    const counters = (): Promise<number> | undefined => {
      switch (drill.countedBy) {
        case 'routers':
          return stage.counted(stage.routers);
        case 'services':
          return stage.counted(stage.replicas);
        case 'nobody':
          return undefined;
      }
    };
    let before: number | undefined;
    const loads = await stage.startLoads(drill.timeoutMs, async () => {
      before = await counters();
    });
    const beganMs = performance.now();
    await loads.answered(calls / 10);
    const notes = await drill.run(stage, loads);
    await loads.answered(Math.max(calls / 10, calls - loads.ok()));
    const { tributary: ours, python } = await loads.stop();
    const seconds = (performance.now() - beganMs) / 1000;
    const after = await counters();
    const answered = ours.ok + (python?.ok ?? 0);
    const counted = after === undefined || before === undefined ? undefined : after - before;
    return {
      name: drill.name,
      cases: drill.cases,
      fault: drill.fault,
      where: stage.network.kind,
      seconds: Math.round(seconds),
      perSecond: Math.round(answered / seconds),
      tributary: figuresOf(ours),
      python: python && figuresOf(python),
      answered,
      counted,
      countedBy: drill.countedBy,
      failuresExpected:
        drill.failuresExpected ?? (drill.foreignLosses === undefined ? '0' : `${drill.foreignLosses} of Python`),
      notes,
      faults: [
        ...failuresOf(drill, 'tributary', ours, 0),
        ...failuresOf(drill, 'python', python, drill.foreignLosses ?? 0),
        ...miscounts(answered, counted, drill),
      ],
    };
  } finally {
    await stage.close();
  }
}

function figuresOf({ ok, failed, failures, p50Ms, p99Ms, longestGapMs }: LoadReport): ClientFigures {
  return { ok, failed, failures, p50Ms, p99Ms, longestGapMs };
}

function failuresOf(drill: Drill, client: string, report: LoadReport | undefined, allowed: number): string[] {
  if (report === undefined || report.failed <= allowed || drill.failuresExpected !== undefined) return [];
  return Object.entries(report.failures).map(([failure, times]) => `${client}: ${times} calls failed with ${failure}`);
}

/** Servers never count fewer good answers than clients got; more by those that were asked for again at most. */
function miscounts(answered: number, counted: number | undefined, drill: Drill): string[] {
  if (counted === undefined) return [];
  const more = counted - answered;
  if (more >= 0 && more <= underWay) return [];
  return [`the ${drill.countedBy} count ${counted} good answers, the clients ${answered}`];
}

import type { WriteStream } from 'node:tty';
import type { LoadReport } from '../stage/paced-load';
import { renderTable } from '../table';

export type ReplicaState = 'starting' | 'ready' | 'draining' | 'down';

/** One row of the table. */
export interface ShownReplica {
  readonly name: string;
  readonly address: string;
  readonly state: ReplicaState;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Calls that it was sent and has not answered yet, and all that have ended, by the router's count. */
  readonly outstanding: number;
  readonly calls: number;
}

/** What the demo shows at a moment. */
export interface Rollout {
  readonly where: string;
  readonly replicas: readonly ShownReplica[];
  readonly load: LoadReport | undefined;
  readonly perSecond: number;
  readonly replaced: number;
}

/** Shows a rolling restart: a table that stays in its place on a terminal, lines of what changes elsewhere. */
export interface RolloutView {
  show(rollout: Rollout): void;
  /** The last picture stays; the cursor comes back. */
  end(): void;
}

const colours: Readonly<Record<ReplicaState, number>> = { starting: 36, ready: 32, draining: 33, down: 31 };
const barWidth = 30;
const count = (value: number): string => value.toLocaleString('en');

/** @param plain lines of text, without colours */
export function createRolloutView(stream: Pick<WriteStream, 'write'>, plain: boolean): RolloutView {
  return plain ? linesView(stream) : tableView(stream);
}

function tableView(stream: Pick<WriteStream, 'write'>): RolloutView {
  let height = 0;
  return {
    show: (rollout) => {
      const lines = renderRollout(rollout, (code, text) => `\x1b[${code}m${text}\x1b[0m`);
      const home = height === 0 ? '\x1b[?25l' : `\x1b[${height}A`;
      stream.write(`${home}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
      height = lines.length;
    },
    end: () => void stream.write('\x1b[?25h'),
  };
}

function linesView(stream: Pick<WriteStream, 'write'>): RolloutView {
  const states = new Map<string, ReplicaState>();
  let replaced = 0;
  return {
    show: (rollout) => {
      for (const { name, state, pid } of rollout.replicas) {
        if (states.get(name) === state) continue;
        states.set(name, state);
        stream.write(`${name}: ${state}${pid === undefined ? '' : ` (pid ${pid})`}\n`);
      }
      if (rollout.replaced === replaced) return;
      replaced = rollout.replaced;
      stream.write(`${replaced} of ${rollout.replicas.length} replaced; ${renderCalls(rollout.load)}\n`);
    },
    end: () => undefined,
  };
}

/** The picture, at most 80 columns wide. */
export function renderRollout(rollout: Rollout, paint: (code: number, text: string) => string): string[] {
  const { replicas, load, perSecond, replaced } = rollout;
  const [head = '', rule = '', ...rows] = renderTable(
    [
      ['replica', 'address', 'state', 'pid', 'restarts', 'waiting', 'calls'],
      ...replicas.map(({ name, address, state, pid, restarts, outstanding, calls }) => [
        name,
        address,
        // As wide as the longest state, so that the table keeps its shape.
        state.padEnd('starting'.length),
        String(pid ?? '-').padStart(7),
        String(restarts),
        String(outstanding),
        count(calls).padStart(7),
      ]),
    ],
    [3, 4, 5, 6],
  ).split('\n');
  const share = replicas.length === 0 ? 0 : replaced / replicas.length;
  const bar = '━'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '╌');
  const failed = load?.failed ?? 0;
  return [
    `${paint(1, 'Rolling restart under load')}  ${paint(2, rollout.where)}`,
    '',
    paint(1, head),
    paint(2, rule),
    ...rows.map((row, i) => {
      const { state = 'down' } = replicas[i] ?? {};
      return row.replace(state, paint(colours[state], state));
    }),
    '',
    `calls answered   ${paint(1, count(load?.ok ?? 0))}   ${paint(2, `${count(Math.round(perSecond))} a second`)}`,
    `calls failed     ${paint(failed === 0 ? 32 : 31, count(failed))}`,
    `p50, p99         ${load?.p50Ms ?? 0} ms, ${load?.p99Ms ?? 0} ms   ${paint(2, `longest pause between answers ${load?.longestGapMs ?? 0} ms`)}`,
    '',
    `${bar} ${replaced} of ${replicas.length} replaced   ${paint(2, `${((load?.elapsedMs ?? 0) / 1000).toFixed(0)} s`)}`,
  ];
}

/** The figures in a sentence. */
export function renderCalls(load: LoadReport | undefined): string {
  return load === undefined
    ? 'no calls yet'
    : `${count(load.ok)} calls answered, ${count(load.failed)} failed, p99 ${load.p99Ms} ms`;
}

import { peerKeyNames } from '../keys/key';
import { peerKeys } from '../keys/peers';
import type { BenchRecord } from '../record/record';
import { renderFigure, type LinePanel } from './svg-plot';
import type { LoadSweep, MemorySweep, Sweep } from './sweep';

/** SVG documents by file name. The ratios to other servers are drawn where the record has any. */
export function drawPlots(sweep: Sweep, record: BenchRecord): ReadonlyMap<string, string> {
  const { machine, node, commit, date } = sweep;
  const note = `${date.slice(0, 10)}; ${machine.cpu}, ${machine.cores} cores; Node ${node}; commit ${commit}; load generator on the same cores`;
  const plots = new Map<string, string>();
  for (const load of sweep.loads) {
    plots.set(`load-${load.name}.svg`, renderFigure(load.title, note, loadPanels(load)));
  }
  plots.set(
    'memory.svg',
    renderFigure(`Memory by session lanes: ${sweep.memory.title}`, note, memoryPanels(sweep.memory)),
  );
  const peers = drawPeers(record);
  if (peers !== undefined) plots.set('peers.svg', peers);
  return plots;
}

function loadPanels({ points, peakPerSecond }: LoadSweep): LinePanel[] {
  const x = `calls offered a second (peak ${peakPerSecond.toFixed(0)})`;
  const over = (figure: 'answersPerSecond' | 'offeredPerSecond' | 'p50Ms' | 'p99Ms' | 'rowsPerBatch') =>
    points.map((point) => [point.offeredPerSecond, point[figure]] as const);
  return [
    {
      ...{ kind: 'lines', title: 'Throughput', x, y: 'right answers a second' },
      series: [
        { name: 'offered', colour: 3, dashed: true, points: over('offeredPerSecond') },
        { name: 'answered', colour: 1, points: over('answersPerSecond') },
      ],
    },
    {
      ...{ kind: 'lines', title: 'Latency', x, y: 'ms from the intended time, logarithmic', yScale: 'log' },
      series: [
        { name: 'p50', colour: 1, points: over('p50Ms') },
        { name: 'p99', colour: 2, points: over('p99Ms') },
      ],
    },
    {
      ...{ kind: 'lines', title: 'Batches', x, y: 'rows that ran together, mean' },
      series: [{ name: 'rows', colour: 1, points: over('rowsPerBatch') }],
    },
  ];
}

function memoryPanels({ points, weightBytes }: MemorySweep): LinePanel[] {
  const megabytes = (bytes: number): number => bytes / 1e6;
  const first = points[0]!.pssBytes;
  const further = points
    .slice(1)
    .map(({ lanes, pssBytes }) => [lanes, (pssBytes - first) / (lanes - 1) / weightBytes] as const);
  const total = points.map(({ lanes, pssBytes }) => [lanes, megabytes(pssBytes)] as const);
  const copied = points.map(({ lanes }) => [lanes, megabytes(first + (lanes - 1) * weightBytes)] as const);
  return [
    {
      ...{ kind: 'lines', title: 'Proportional set size', x: 'session lanes', y: 'MB' },
      series: [
        { name: 'weights copied', colour: 3, dashed: true, points: copied },
        { name: 'measured', colour: 1, points: total },
      ],
    },
    {
      ...{
        kind: 'lines',
        title: 'A further lane',
        x: 'session lanes',
        y: 'memory of a further lane / bytes of the weights',
      },
      series: [
        {
          name: 'weights copied',
          colour: 3,
          dashed: true,
          points: points.slice(1).map(({ lanes }) => [lanes, 1] as const),
        },
        { name: 'measured, mean', colour: 1, points: further },
      ],
    },
  ];
}

function drawPeers(record: BenchRecord): string | undefined {
  const bars = peerKeyNames.flatMap((name) => {
    const recorded = record[name];
    const mark = peerKeys.find((key) => key.name === name)?.target?.value;
    return recorded === undefined
      ? []
      : [{ name: name.slice('peers.'.length), value: recorded.median, mark: mark ?? 1 }];
  });
  const any = peerKeyNames.map((name) => record[name]).find((recorded) => recorded !== undefined);
  if (any === undefined) return undefined;
  const note = `${any.date}; ${any.machine}; Node ${any.node}; commit ${any.commit}; marks: what is to be reached`;
  const x = 'times theirs: answers a second; alone_p50: how many times shorter ours is';
  return renderFigure('Against other servers', note, [{ kind: 'bars', title: 'Ratios', x, bars }]);
}

import { renderBytes, renderTable } from '../table';
import type { Frame } from './frame';

/** The tables of a frame, at most 80 columns wide with names of common length. */
export function renderFrame({ processes, models, upstreams }: Frame, bold: (text: string) => string): string {
  const parts = [
    bold('Processes'),
    renderTable(
      [
        ['process', 'calls/s', 'p50', 'p99', 'in flight', 'failed/s', 'cores', 'memory'],
        ...processes.map((process) =>
          process.up
            ? [
                process.name,
                rate(process.callsPerSecond),
                time(process.p50Seconds),
                time(process.p99Seconds),
                String(process.inFlight),
                rate(process.failedPerSecond),
                process.cores.toFixed(2),
                renderBytes(process.memoryBytes),
              ]
            : [`${process.address} gives no answer`],
        ),
      ],
      [1, 2, 3, 4, 5, 6, 7],
    ),
  ];
  if (models.length > 0) {
    parts.push(
      '',
      bold('Models'),
      renderTable(
        [
          ['model', 'runs for/s', 'queue p99', 'run p99', 'waiting', 'rows', 'busy lanes'],
          ...models.map((model) => [
            `${model.model}/${model.version}${model.ready ? '' : ' (not ready)'}`,
            rate(model.perSecond),
            time(model.queueP99Seconds),
            time(model.runP99Seconds),
            String(model.waiting),
            model.rowsPerRun === null ? '-' : model.rowsPerRun.toFixed(1),
            `${model.busyLanes.toFixed(2)} of ${model.lanes}`,
          ]),
        ],
        [1, 2, 3, 4, 5, 6],
      ),
    );
  }
  if (upstreams.length > 0) {
    parts.push(
      '',
      bold('Upstreams'),
      renderTable(
        [
          ['address', 'service', 'state', 'hop', 'outstanding', 'calls/s', 'retries/s'],
          ...upstreams.map((upstream) => [
            upstream.address,
            upstream.service,
            upstream.state,
            upstream.hop,
            String(upstream.outstanding),
            rate(upstream.callsPerSecond),
            rate(upstream.retriesPerSecond),
          ]),
        ],
        [4, 5, 6],
      ),
    );
  }
  return `${parts.join('\n')}\n`;
}

function rate(perSecond: number): string {
  return perSecond >= 100 ? Math.round(perSecond).toString() : perSecond.toFixed(1);
}

function time(seconds: number | null): string {
  if (seconds === null) return '-';
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1000).toFixed(seconds < 0.1 ? 1 : 0)} ms`;
}

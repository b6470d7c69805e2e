import { join } from 'node:path';
import { supervise, type ProcessName } from '@tributary/cli';

/** One real process of ours, of any version. */
export interface StartedProcess {
  readonly address: string;
  readonly port: number;
  /** Lines of its log so far. */
  readonly lines: readonly string[];
  /** Value of a metric without labels; undefined where there is none. */
  readonly metric: (name: string) => Promise<number | undefined>;
  readonly stop: () => Promise<number | null>;
}

/** Starts a process of the checkout at `root`; port 0 is any free one. */
export async function startProcess(
  root: string,
  name: ProcessName,
  args: readonly string[],
  port = 0,
): Promise<StartedProcess> {
  const lines: string[] = [];
  const supervised = supervise({
    name,
    script: join(root, 'services', name, 'dist/main.js'),
    args: () => [`--grpc-port=${port}`, '--metrics-port=0', '--log-format=json', ...args],
    env: { ...process.env, NO_COLOR: '1' },
    onLine: (line) => lines.push(line),
    onRestart: () => undefined,
  });
  const { grpcPort, metricsPort } = await supervised.serving;
  return {
    address: `127.0.0.1:${grpcPort}`,
    port: grpcPort,
    lines,
    metric: async (metric) => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${metric} `));
      return line === undefined ? undefined : Number(line.slice(metric.length + 1));
    },
    stop: () => supervised.stop(40_000),
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import { fail, readArguments } from '../command-line';
import { createScreen } from '../screen';
import { defaultPorts } from '../system';
import { toFrame, type Reading } from './frame';
import { Metrics } from './metrics-text';
import { renderFrame } from './render-frame';

const defaultAddress = `127.0.0.1:${defaultPorts.router.metrics}`;

const help = `usage: npm run top [-- ADDRESS...] [options]

Shows what all processes do, each second anew: calls, times, queues, lanes, upstreams. ADDRESS is host:port of a metrics port (default:
${defaultAddress}, the router's). The services behind a router are found by it: their metrics are taken to be on the port after their
gRPC port, as they are by default. Name every process where that is not so.

  failed/s     calls that did not end with OK, refused ones included
  runs for/s   inferences answered
  rows         that ran together, on average
  busy lanes   session lanes that worked for the model, on average, of those there are

  --once       one table, of one second, and the end; so too where there is no terminal
  --json       the same as JSON on standard output
  --help       this text

q or Ctrl-C ends it.
`;

const intervalMs = 1000;
/** Longest wait for the metrics of a process. */
const timeoutMs = 2000;
const enterScreen = '\x1b[?1049h\x1b[?25l';
const leaveScreen = '\x1b[?25h\x1b[?1049l';

/**
 * `tributary top`.
 * @param isPlain no colours
 * @returns the exit code
 */
export async function top(args: readonly string[], isPlain: boolean): Promise<number> {
  const parsed = readArguments({
    command: 'npm run top',
    help,
    args,
    allowPositionals: true,
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof parsed === 'number') return parsed;
  const { values, positionals } = parsed;
  const bad = positionals.find((address) => !/^[^/\s]+:\d+$/.test(address));
  if (bad !== undefined) return fail(`'${bad}' is no host:port of a metrics port`);
  const addresses = positionals.length > 0 ? positionals : [defaultAddress];
  const isLive = process.stdout.isTTY && !values.once && !values.json;
  return isLive ? live(addresses, isPlain) : once(addresses, values.json, isPlain);
}

async function once(addresses: readonly string[], asJson: boolean, isPlain: boolean): Promise<number> {
  const before = await read(addresses);
  if (before.every(({ metrics }) => metrics === undefined)) {
    return fail(`no metrics at ${addresses.join(', ')}; start the system (npm start), or name metrics ports`);
  }
  await pause(intervalMs);
  const frame = toFrame(before, await read(addresses));
  const { bold } = createScreen(process.stdout, isPlain);
  process.stdout.write(asJson ? `${JSON.stringify(frame)}\n` : renderFrame(frame, bold));
  return 0;
}

async function live(addresses: readonly string[], isPlain: boolean): Promise<number> {
  const { stdin, stdout } = process;
  const { bold, dim } = createScreen(stdout, isPlain);
  const stop = new AbortController();
  const onKey = (key: Buffer): void => {
    if (key.includes('q') || key.includes(3)) stop.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(name);
    process.once(name, () => stop.abort());
  }
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey);
  let text = 'reading ...\n';
  const draw = (): void => {
    const lines = [...text.trimEnd().split('\n'), '', dim(`every second; q ends`)];
    // A line too many would scroll the first one away.
    stdout.write(`\x1b[H${lines.slice(0, stdout.rows).join('\x1b[K\n')}\x1b[J`);
  };
  stdout.on('resize', draw);
  stdout.write(enterScreen);
  try {
    let before: readonly Reading[] = [];
    while (!stop.signal.aborted) {
      const after = await read(addresses);
      text = renderFrame(toFrame(before, after), bold);
      draw();
      before = after;
      await pause(intervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    stdout.off('resize', draw).write(leaveScreen);
    if (stdin.isTTY) stdin.setRawMode(false).off('data', onKey).pause();
  }
  return 0;
}

/** Reads the processes at the addresses, and those that a router among them knows. */
async function read(addresses: readonly string[]): Promise<readonly Reading[]> {
  const named = await Promise.all(addresses.map(readOne));
  const upstreams = named.flatMap(
    ({ metrics }) => metrics?.values('tributary_router_upstream_state', 'upstream') ?? [],
  );
  const found = upstreams.map(metricsAddress).filter((address) => !addresses.includes(address));
  return [...named, ...(addresses.length > 1 ? [] : await Promise.all(found.map(readOne)))];
}

/** The port after the one for gRPC. */
function metricsAddress(upstream: string): string {
  const colon = upstream.lastIndexOf(':');
  return `${upstream.slice(0, colon)}:${Number(upstream.slice(colon + 1)) + 1}`;
}

async function readOne(address: string): Promise<Reading> {
  const atMs = performance.now();
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    return { address, atMs, metrics: response.ok ? new Metrics(await response.text()) : undefined };
  } catch {
    return { address, atMs, metrics: undefined };
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { fail, readArguments } from '../command-line';
import { readTls, tlsHelp, tlsOptions } from '../peer-tls';
import { createScreen } from '../screen';
import { defaultPorts } from '../system';
import { toFrame, type Reading } from './frame';
import { MetricsReader } from './metrics-reader';
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

  --once        one table, of one second, and the end; so too where there is no terminal
  --json        the same as JSON on standard output
${tlsHelp}
  --help        this text

The metrics are there for everybody who gets a connection: no token is needed.

q or Ctrl-C ends it.
`;

const intervalMs = 1000;
/** A screen of its own, without a cursor; lines that are too long for it end at its edge instead of going on below. */
const enterScreen = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const leaveScreen = '\x1b[?7h\x1b[?25h\x1b[?1049l';

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
      ...tlsOptions,
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof parsed === 'number') return parsed;
  const { values, positionals } = parsed;
  const bad = positionals.find((address) => !/^[^/\s]+:\d+$/.test(address));
  if (bad !== undefined) return fail(`'${bad}' is no host:port of a metrics port`);
  const addresses = positionals.length > 0 ? positionals : [defaultAddress];
  const isLive = process.stdout.isTTY && !values.once && !values.json;
  const reader = new MetricsReader(readTls(values));
  const read: Read = () => readAll(reader, addresses);
  try {
    return isLive ? await live(read, isPlain) : await once(read, addresses, values.json, isPlain);
  } finally {
    reader.close();
  }
}

type Read = () => Promise<readonly Reading[]>;

async function once(read: Read, addresses: readonly string[], asJson: boolean, isPlain: boolean): Promise<number> {
  const before = await read();
  if (before.every(({ metrics }) => metrics === undefined)) {
    const why = before[0]?.problem ?? '';
    return fail(
      `no metrics at ${addresses.join(', ')} (${why}); start the system (npm start), name metrics ports, or, where they speak TLS, --ca`,
    );
  }
  await pause(intervalMs);
  const frame = toFrame(before, await read());
  const { bold } = createScreen(process.stdout, isPlain);
  process.stdout.write(asJson ? `${JSON.stringify(frame)}\n` : renderFrame(frame, bold));
  return 0;
}

async function live(read: Read, isPlain: boolean): Promise<number> {
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
      const after = await read();
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
async function readAll(reader: MetricsReader, addresses: readonly string[]): Promise<readonly Reading[]> {
  const readEach = (each: readonly string[]): Promise<Reading[]> =>
    Promise.all(each.map((address) => reader.read(address)));
  const named = await readEach(addresses);
  const upstreams = named.flatMap(
    ({ metrics }) => metrics?.values('tributary_router_upstream_state', 'upstream') ?? [],
  );
  const found = upstreams.map(metricsAddress).filter((address) => !addresses.includes(address));
  return [...named, ...(addresses.length > 1 ? [] : await readEach(found))];
}

/** The port after the one for gRPC. */
function metricsAddress(upstream: string): string {
  const colon = upstream.lastIndexOf(':');
  return `${upstream.slice(0, colon)}:${Number(upstream.slice(colon + 1)) + 1}`;
}

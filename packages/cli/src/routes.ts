import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { CallError, createClient, parseTarget, type Client, type HopSecurity } from '@tributary/client';
import { printable, Status } from '@tributary/contract';
import { fail, readArguments } from './command-line';
import { renderRoutes, toShownRoutes, type ShownRoutes } from './render-routes';
import { createScreen } from './screen';
import { defaultPorts } from './system';

const defaultAddress = `127.0.0.1:${defaultPorts.router.grpc}`;

const help = `usage: npm run routes [-- ADDRESS] [options]

Shows what a router knows: every model, where it is, and the RPCs that it answers when a call names no model; and every upstream, its
state, the hop that calls take to it, and what it has been sent since the router knows it. ADDRESS is host:port of the router's gRPC
port (default: ${defaultAddress}).

  state         READY upstreams get calls. CONNECTING: no connection, or no word yet. NOT_SERVING: it loads models or drains
  hop           relay: small calls together over one stream. plain: each as a call of its own, and why
  outstanding   calls sent and not answered yet
  calls         attempts that have ended, whatever their status; one that was tried twice counts twice
  retries       those that failed and were tried again
  per message   relayed calls that shared a message, on average

  --token FILE  holds the bearer token to show, where callers have to say who they are
  --ca FILE     speaks TLS: the certificate of the router must come from those in FILE
  --cert FILE   and --key FILE: the certificate to show, and its key
  --watch       again every 2 s, until Ctrl-C; needs a terminal
  --json        the same as JSON on standard output
  --help        this text
`;

/** Longest wait for the router. */
const timeoutMs = 5_000;
const watchIntervalMs = 2_000;
/** Top left, and everything from there gone. */
const clearTerminal = '\x1b[H\x1b[J';

/**
 * `tributary routes`.
 * @param isPlain no colours
 * @returns the exit code
 */
export async function routes(args: readonly string[], isPlain: boolean): Promise<number> {
  const parsed = readArguments({
    command: 'npm run routes',
    help,
    args,
    allowPositionals: true,
    options: {
      watch: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...securityOptions,
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof parsed === 'number') return parsed;
  const { values, positionals } = parsed;
  const [address = defaultAddress, ...more] = positionals;
  if (more.length > 0) return fail(`name one router, e.g. npm run routes -- ${defaultAddress}`);
  try {
    parseTarget(address);
  } catch (error) {
    return fail((error as Error).message);
  }
  if (values.watch && values.json) return fail('--watch and --json do not go together; ask for --json again and again');
  if (values.watch && !process.stdout.isTTY) return fail('--watch needs a terminal; leave it out, or use --json');

  let security: HopSecurity;
  try {
    security = readSecurity(values);
  } catch (error) {
    return fail(
      `cannot read ${(error as NodeJS.ErrnoException).path ?? 'a file'}: ${(error as NodeJS.ErrnoException).code ?? ''}`,
    );
  }
  const client = createClient(address, security);
  try {
    return values.watch ? await watch(client, address, isPlain) : await once(client, address, values.json, isPlain);
  } finally {
    client.close();
  }
}

const securityOptions = {
  token: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const;

/** @throws the error of a file that cannot be read */
function readSecurity(files: { readonly [Name in keyof typeof securityOptions]?: string | undefined }): HopSecurity {
  const read = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : readFileSync(path));
  const shown = read(files.token)?.toString().trim();
  const tls = { ca: read(files.ca), cert: read(files.cert), key: read(files.key) };
  return {
    ...(shown !== undefined && { token: () => shown }),
    ...((tls.ca ?? tls.cert) !== undefined && { tls }),
  };
}

async function once(client: Client, address: string, asJson: boolean, isPlain: boolean): Promise<number> {
  const shown = await ask(client, address);
  if (typeof shown === 'string') return fail(shown);
  const { bold } = createScreen(process.stdout, isPlain);
  process.stdout.write(asJson ? `${JSON.stringify(shown)}\n` : renderRoutes(shown, bold));
  return 0;
}

async function watch(client: Client, address: string, isPlain: boolean): Promise<number> {
  const { bold, dim } = createScreen(process.stdout, isPlain);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(name);
    process.once(name, () => stop.abort());
  }
  while (!stop.signal.aborted) {
    const shown = await ask(client, address);
    // A router that is away for a moment is no reason to leave.
    const text = typeof shown === 'string' ? `${shown}\n` : renderRoutes(shown, bold);
    process.stdout.write(`${clearTerminal}${text}\n${dim(`${address}, every 2 s; Ctrl-C ends`)}\n`);
    await pause(watchIntervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return 0;
}

/** What the router knows; or why it did not say, in a sentence for people. */
async function ask(client: Client, address: string): Promise<ShownRoutes | string> {
  try {
    return toShownRoutes(await client.call('tributary.router.v1.RouterService/ListRoutes', {}, { timeoutMs }));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return whyNot(error, address);
  }
}

function whyNot({ code, details }: CallError, address: string): string {
  switch (code) {
    case Status.UNAVAILABLE:
      return `no router at ${address}; start one (npm start), or name its address (npm run routes -- host:port)`;
    case Status.UNIMPLEMENTED:
      return `${address} is no router; name the router's gRPC port (${defaultAddress} after npm start)`;
    case Status.DEADLINE_EXCEEDED:
      return `${address} gave no answer within ${timeoutMs / 1000} s; look whether it is a router's gRPC port, and at the router's log`;
    default:
      return `the router at ${address} refused: ${printable(details)}; look at its log`;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { CallError, createClient, parseTarget, type Client } from '@tributary/client';
import { printable, Status } from '@tributary/contract';
import { fail, readArguments } from './command-line';
import { readOption, readTls, tlsHelp, tlsOptions } from './peer-tls';
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

  --token FILE  holds the bearer token to show, where callers have to say who they are; it needs the role observe
${tlsHelp}
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
      token: { type: 'string' },
      ...tlsOptions,
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

  const shown = readOption('token', values.token)?.toString().trim();
  const tls = readTls(values);
  // grpc-js calls a server by its IP address where it has no name, and whoever types a command can do nothing about Node's warning.
  if (tls !== undefined) process.noDeprecation = true;
  const client = createClient(address, { ...(shown && { token: () => shown }), ...(tls && { tls }) });
  try {
    return values.watch ? await watch(client, address, isPlain) : await once(client, address, values.json, isPlain);
  } finally {
    client.close();
  }
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
      return `no router at ${address}; start one (npm start), name its address (npm run routes -- host:port), or, where it speaks TLS, --ca`;
    case Status.UNIMPLEMENTED:
      return `${address} is no router; name the router's gRPC port (${defaultAddress} after npm start)`;
    case Status.DEADLINE_EXCEEDED:
      return `${address} gave no answer within ${timeoutMs / 1000} s; look whether it is a router's gRPC port, and at the router's log`;
    case Status.UNAUTHENTICATED:
      return `the router at ${address} asks who calls: ${printable(details)}; name a file with a token (--token), or a certificate (--cert, --key)`;
    default:
      return `the router at ${address} refused: ${printable(details)}; look at its log`;
  }
}

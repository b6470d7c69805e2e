import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import {
  serve,
  type HealthSource,
  type Method,
  type RunningServer,
  type ServeOptions,
  type ServeSettings,
} from '../index';
import { defaultsOf } from '../settings/load-settings';
import { serveSettingsShape } from '../settings/serve-settings-shape';
import { RawClient } from './raw-client';

/** A server on free ports and what a test looks at. */
export interface Serving {
  readonly server: RunningServer;
  readonly client: RawClient;
  readonly health: SwitchableHealth;
  /** Parsed lines of the log so far. */
  readonly lines: () => readonly Record<string, unknown>[];
  readonly logText: () => string;
  /** Value of a metric over HTTP; undefined where the line is not there. */
  metric(line: string): Promise<number | undefined>;
  metricsText(): Promise<string>;
  /** Another connection. */
  connect(): RawClient;
  close(): Promise<void>;
}

/** A health source that tests turn. */
export class SwitchableHealth implements HealthSource {
  readonly statuses = new Map<string, 'SERVING' | 'NOT_SERVING'>();
  readonly asked: string[] = [];
  private ownReady = true;
  private readonly listeners = new Set<() => void>();

  get listenerCount(): number {
    return this.listeners.size;
  }

  ready(): boolean {
    return this.ownReady;
  }

  status(name: string): 'SERVING' | 'NOT_SERVING' | undefined {
    this.asked.push(name);
    return this.statuses.get(name);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(ready: boolean): void {
    this.ownReady = ready;
    for (const listener of this.listeners) listener();
  }
}

export const echo: Method = { path: '/demo.Demo/Echo', kind: 'unary', handler: (request) => Promise.resolve(request) };

/** Serves methods with default settings, or others. */
export async function startServing(
  methods: readonly Method[] = [echo],
  settings: Partial<ServeSettings> = {},
  logLevel = 'info',
  Client: typeof RawClient = RawClient,
  options: Pick<ServeOptions, 'trailersAtOnce'> = {},
): Promise<Serving> {
  const registry = new Registry();
  const health = new SwitchableHealth();
  let text = '';
  const log = pino({ level: logLevel }, { write: (line: string) => (text += line) });
  const server = await serve({
    name: 'demo',
    settings: { ...defaultsOf(serveSettingsShape({ grpc: 0, metrics: 0 })), ...settings },
    log,
    registry,
    methods,
    health,
    services: ['demo.Demo'],
    ...options,
  });
  const clients: RawClient[] = [];
  // Certificates of tests sign themselves.
  const ca = settings.tlsCert === undefined ? undefined : readFileSync(settings.tlsCert);
  const { host = '127.0.0.1' } = settings;
  const connect = (): RawClient => {
    const client = new Client(server.grpcPort, ca, {}, host);
    clients.push(client);
    return client;
  };
  const metricsText = async (): Promise<string> => (await fetch(`http://${host}:${server.metricsPort}/metrics`)).text();
  return {
    server,
    client: connect(),
    health,
    connect,
    metricsText,
    logText: () => text,
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    metric: async (line) => {
      const found = (await metricsText()).split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length + 1));
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await server.drain();
    },
  };
}

/** A promise and its resolver: what a test waits for in place of sleeping. */
export function gate<Value = void>(): { readonly passed: Promise<Value>; readonly open: (value: Value) => void } {
  let open!: (value: Value) => void;
  const passed = new Promise<Value>((resolve) => (open = resolve));
  return { passed, open };
}

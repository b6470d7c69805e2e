import { createClient, type Client } from '@tributary/client';
import { createEngine, loadTasks, type Engine, type EngineOptions } from '@tributary/engine';
import { createLog, loadSettings, Registry, serve } from '@tributary/serve';
import { createModelServer } from '../model-server';
import { modelServiceSettings } from '../model-service-settings';

/** How to serve an engine. */
export interface ServingOptions {
  readonly tasksModule?: string;
  /** Flags as on a command line, e.g. `['--max-message', '1MiB']`. */
  readonly flags?: readonly string[];
}

/** What to serve. */
export interface TestServerOptions extends Omit<EngineOptions, 'log' | 'signal'>, ServingOptions {}

/** A server on free ports of the loopback interface, and a client of it. */
export interface TestServer {
  readonly client: Client;
  readonly engine: Engine;
  /** `host:port` of gRPC. */
  readonly address: string;
  /** Samples of the metrics endpoint by name and labels, as they stand there: `nv_inference_count{model="m",version="1"}`. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** Serves a repository as a service's main program does, in this process. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { log } = createLog({ name: 'test', logLevel: 'fatal', logFormat: 'json' });
  return serveEngine(await createEngine({ ...options, log }), options);
}

/** Serves an engine, which closes with the server. */
export async function serveEngine<E extends Engine>(
  engine: E,
  { tasksModule, flags = [] }: ServingOptions = {},
): Promise<TestServer & { readonly engine: E }> {
  const name = 'test';
  const definition = modelServiceSettings({
    name,
    summary: 'A server of a test.',
    tasksModule: tasksModule ?? '',
    ports: { grpc: 0, metrics: 0 },
    repository: '/nowhere',
  });
  const settings = loadSettings(definition, { argv: flags, env: {} });
  const { log } = createLog({ name, logLevel: 'fatal', logFormat: 'json' });
  const registry = new Registry();
  const tasks = tasksModule === undefined ? [] : loadTasks(tasksModule);
  const server = createModelServer({ engine, name, tasks, registry, readiness: settings.readiness });
  const { methods, services, health } = server;
  const running = await serve({ name, settings, log, registry, methods, services, health });
  const address = `127.0.0.1:${running.grpcPort}`;
  const client = createClient(address);
  return {
    client,
    engine,
    address,
    metrics: async () => {
      const response = await fetch(`http://127.0.0.1:${running.metricsPort}/metrics`);
      return readSamples(await response.text());
    },
    close: async () => {
      server.markExiting();
      client.close();
      await running.drain();
      await engine.close();
    },
  };
}

/** Lines of the Prometheus text format: a name, perhaps labels in braces, a space and a number. */
function readSamples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

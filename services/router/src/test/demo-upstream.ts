// demo.Demo, with methods of every shape, as a process: behind the door of the services, or by grpc-js. SIGTERM drains it.
import {
  demoKind,
  echoedKeys,
  floodBytes,
  floodMessages,
  runDemoServer,
  type DemoCounts,
} from '@tributary/client/testing';
import { Status, tributary } from '@tributary/contract';
import {
  defineSettings,
  RelayedStatus,
  runProcess,
  serve,
  serveSettingsShape,
  type CallContext,
  type Method,
} from '@tributary/serve';

let open = 0;
let flooded = 0;
let release = (): void => undefined;
const slowMayRead = new Promise<void>((resolve) => (release = resolve));
const counts = (): Buffer => Buffer.from(JSON.stringify({ open, flooded } satisfies DemoCounts));
const floodMessage = Buffer.alloc(floodBytes, 1);

function totalOf(bytes: number): Buffer {
  return Buffer.from(String(bytes));
}

function ended({ signal }: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

async function counted(work: () => Promise<void>): Promise<void> {
  open += 1;
  await work().finally(() => (open -= 1));
}

function echoMetadata(context: CallContext): void {
  for (const value of context.metadata.get(echoedKeys[0]) ?? []) context.setHeader(echoedKeys[0], value);
  for (const value of context.metadata.get(echoedKeys[1]) ?? []) context.setTrailer(echoedKeys[1], value);
}

const servedMethods: readonly Method[] = [
  {
    path: '/demo.Demo/Echo',
    kind: 'unary',
    handler: (request, context) => {
      echoMetadata(context);
      return Promise.resolve(request);
    },
  },
  { path: '/demo.Demo/Counts', kind: 'unary', handler: () => Promise.resolve(counts()) },
  {
    path: '/demo.Demo/Release',
    kind: 'unary',
    handler: () => {
      release();
      return Promise.resolve(counts());
    },
  },
  { path: '/demo.Demo/Sleep', kind: 'unary', handler: (_request, context) => ended(context) },
  {
    path: '/demo.Demo/Status',
    kind: 'unary',
    handler: (request) => Promise.reject(new RelayedStatus(Status.UNKNOWN, Buffer.from(request).toString())),
  },
  {
    path: '/demo.Demo/Stream',
    kind: 'serverStream',
    handler: (request, context, write) =>
      counted(async () => {
        for (let count = 0; count < 4; count += 1) await write(request);
        const text = Buffer.from(request).toString();
        if (text === 'endless') await ended(context);
        if (text === 'failing') throw new RelayedStatus(Status.DATA_LOSS, 'after four');
      }),
  },
  {
    path: '/demo.Demo/Flood',
    kind: 'serverStream',
    handler: (_request, _context, write) =>
      counted(async () => {
        for (let count = 0; count < floodMessages; count += 1) {
          await write(floodMessage);
          flooded += floodBytes;
        }
      }),
  },
  {
    path: '/demo.Demo/Gather',
    kind: 'bidi',
    handler: async (next, _context, write) => {
      let bytes = 0;
      for (let part = await next(); part !== undefined; part = await next()) bytes += part.length;
      await write(totalOf(bytes));
    },
  },
  {
    path: '/demo.Demo/Both',
    kind: 'bidi',
    handler: (next, context, write) =>
      counted(async () => {
        echoMetadata(context);
        context.sendHeaders();
        for (let part = await next(); part !== undefined; part = await next()) await write(part);
        if (context.signal.aborted) throw context.signal.reason as Error;
      }),
  },
  {
    path: '/demo.Demo/Slow',
    kind: 'bidi',
    handler: (next, _context, write) =>
      counted(async () => {
        let bytes = (await next())?.length ?? 0;
        await slowMayRead;
        for (let part = await next(); part !== undefined; part = await next()) bytes += part.length;
        await write(totalOf(bytes));
      }),
  },
];

const { WatchModelsResponse } = tributary.model.v1;
const models = WatchModelsResponse.encode({ service: demoKind, models: [] }).finish();

function runServed(): void {
  const definition = defineSettings({
    name: demoKind,
    summary: 'Methods of every shape.',
    shape: serveSettingsShape({ grpc: 0, metrics: 0 }),
  });
  runProcess(definition, async (context) => {
    const { settings, log, registry } = context;
    const watchModels: Method = {
      path: '/tributary.model.v1.ModelService/WatchModels',
      kind: 'serverStream',
      openEnded: true,
      handler: async (_request, { signal }, write) => {
        await write(models);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    };
    const server = await serve({
      name: demoKind,
      settings,
      log,
      registry,
      methods: [...servedMethods, watchModels],
      services: ['demo.Demo'],
      health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
    });
    context.announce(server);
    await context.stopped;
    await server.drain();
  });
}

if (process.env['DEMO_VARIANT'] === 'foreign') runDemoServer();
else runServed();

import { defineSettings, runProcess, serve, serveSettingsShape, setting, checkServeSettings } from '../index';

// A process of the kind that services are, with handlers that tests need. Started by tests as a child.

const demoSettings = defineSettings({
  name: 'demo',
  summary: 'A process for tests.',
  shape: {
    ...serveSettingsShape({ grpc: 0, metrics: 0 }),
    crash: setting.choice(['none', 'exception', 'rejection'], {
      default: 'none',
      doc: 'A defect that happens at the first call.',
    }),
  },
  check: checkServeSettings,
});

runProcess(demoSettings, async ({ settings, log, registry, tracer, stopped, announce, onReload }) => {
  let reloads = 0;
  // The first ends only with the process, unless a call lets it go.
  let release = (): void => undefined;
  onReload(async () => {
    reloads += 1;
    log.info(`reload ${reloads}`);
    if (reloads === 1) await new Promise<void>((resolve) => (release = resolve));
    if (reloads === 2) throw new Error('a reload that fails on purpose');
  });
  const server = await serve({
    name: 'demo',
    settings,
    log,
    registry,
    tracer,
    methods: [
      {
        path: '/demo.Demo/Echo',
        kind: 'unary',
        handler: (request) => {
          if (settings.crash === 'exception')
            setImmediate(() => {
              throw new Error('a defect on purpose');
            });
          if (settings.crash === 'rejection') void Promise.reject(new Error('a defect on purpose'));
          return Promise.resolve(request);
        },
      },
      {
        path: '/demo.Demo/Release',
        kind: 'unary',
        handler: (request) => {
          release();
          return Promise.resolve(request);
        },
      },
      { path: '/demo.Demo/Never', kind: 'unary', handler: () => new Promise(() => undefined) },
    ],
    health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
    services: ['demo.Demo'],
  });
  announce(server);
  await stopped;
  await server.drain();
});

import { createLog, defineSettings, loadSettings, Registry, serve, serveSettingsShape } from '@tributary/serve';
import { answerParent } from '../process/child-program';
import type { EchoProgram, EchoService } from './echo-process';

let answered = 0;

const settings = loadSettings(
  defineSettings({
    name: 'door',
    summary: 'Answers one method with the same bytes every time.',
    shape: serveSettingsShape({ grpc: 0, metrics: 0 }),
  }),
  { argv: ['--grpc-port=0', '--metrics-port=0', '--log-level=warn'], env: {} },
);

// Our server with all it does for a call, and no work behind it: what the echo is on stock grpc-js.
async function listen({ path, answer }: EchoService): Promise<number> {
  const bytes = Buffer.from(answer);
  const { log } = createLog({ name: 'door', logLevel: settings.logLevel, logFormat: settings.logFormat });
  const server = await serve({
    name: 'door',
    settings,
    log,
    registry: new Registry(),
    methods: [
      {
        path,
        kind: 'unaryInPieces',
        handler: () => {
          answered++;
          return Promise.resolve(bytes);
        },
      },
    ],
    health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
    services: [],
  });
  return server.grpcPort;
}

answerParent<EchoProgram>({ listen, answered: () => Promise.resolve(answered) });

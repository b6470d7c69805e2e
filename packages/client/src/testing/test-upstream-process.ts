// A test upstream in a process of its own, to be killed and frozen. Its parent (spawn-test-upstream) speaks to it by IPC.
import { startTestUpstream, type TestUpstreamOptions } from './test-upstream';
import type { FromTestUpstream, ToTestUpstream } from './spawn-test-upstream';

function tell(message: FromTestUpstream): void {
  process.send?.(message);
}

process.once('disconnect', () => process.exit());
void startTestUpstream({
  ...(JSON.parse(process.argv[2] ?? '{}') as TestUpstreamOptions),
  onCall: (path, model) => {
    tell({ kind: 'called', path, model });
  },
}).then((upstream) => {
  process.on('message', (message: ToTestUpstream) => {
    if (message.kind === 'serving') upstream.setServing(message.serving);
    else if (message.kind === 'models') upstream.setModels(message.models);
    else void upstream.drain().then(() => process.exit());
  });
  tell({ kind: 'listening', port: upstream.port });
});

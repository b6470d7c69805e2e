// Stands on a host of the network and does what its parent asks: calls at a steady pace, reads metrics, asks a router for its routes.
import { createClient, type Client } from '@tributary/client';
import { toShownRoutes } from '../render-routes';
import { PacedLoad } from './paced-load';
import type { FromVantage, ToVantage } from './vantage';

const reportIntervalMs = 100;
const timeoutMs = 2_000;
const clients = new Map<string, Client>();
let load: PacedLoad | undefined;

function clientOf(target: string): Client {
  const known = clients.get(target) ?? createClient(target);
  clients.set(target, known);
  return known;
}

async function obey(message: ToVantage): Promise<unknown> {
  switch (message.kind) {
    case 'get':
      return (await fetch(message.url, { signal: AbortSignal.timeout(timeoutMs) })).text();
    case 'post':
      return (await fetch(message.url, { method: 'POST', body: message.body })).text();
    case 'routes':
      return toShownRoutes(
        await clientOf(message.address).call('tributary.router.v1.RouterService/ListRoutes', {}, { timeoutMs }),
      );
    case 'load':
      // A client of its own: the connections of one load say nothing of another's.
      load = new PacedLoad(createClient(message.plan.target), message.plan);
      return undefined;
    case 'stop': {
      await load?.stop();
      const report = load?.report();
      load = undefined;
      return report;
    }
  }
}

const send = (message: FromVantage): void => void process.send?.(message);

process.on('message', (message: ToVantage) => {
  void obey(message).then(
    (result) => send({ kind: 'done', id: message.id, result }),
    (error: unknown) => send({ kind: 'done', id: message.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined);
setInterval(() => {
  if (load !== undefined) send({ kind: 'report', report: load.report() });
}, reportIntervalMs);

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Where a process will listen. */
interface Ports {
  readonly host: string;
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly probePort?: number | undefined;
}

/**
 * Whether one of the ports cannot be had now. It takes about a millisecond, and only says what is likely: who serves them finds out,
 * and explains it.
 */
export async function hasTakenPort({ host, grpcPort, metricsPort, probePort = 0 }: Ports): Promise<boolean> {
  const named = [grpcPort, metricsPort, probePort].filter((port) => port !== 0);
  const checked = await Promise.all(named.map((port) => isFree(host, port)));
  return checked.includes(false);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

import { Agent, get, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, get as getOverTls } from 'node:https';
import type { HopTls } from '@tributary/client';
import type { Reading } from './frame';
import { Metrics } from './metrics-text';

/** Longest wait for the metrics of a process. */
const timeoutMs = 2000;

/** Reads the metrics of processes over connections that it keeps. */
export class MetricsReader {
  private readonly get: (address: string, signal: AbortSignal) => ReturnType<typeof get>;
  private readonly agent: Agent;

  /** @param tls undefined: in the clear */
  constructor(tls: HopTls | undefined) {
    const { serverName, ...material } = tls ?? {};
    if (tls === undefined) {
      const agent = (this.agent = new Agent({ keepAlive: true }));
      this.get = (address, signal) => get(`http://${address}/metrics`, { agent, signal });
    } else {
      const named = serverName === undefined ? {} : { servername: serverName };
      const agent = (this.agent = new TlsAgent({ keepAlive: true, ...material, ...named }));
      this.get = (address, signal) => getOverTls(`https://${address}/metrics`, { agent, signal });
    }
  }

  /** Reads one process. What went wrong is in the reading. */
  async read(address: string): Promise<Reading> {
    const atMs = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return { address, atMs, metrics: new Metrics(await this.textOf(address, signal)) };
    } catch (error) {
      const { message, code = message } = error as NodeJS.ErrnoException;
      const problem = signal.aborted ? `nothing within ${timeoutMs / 1000} s` : code;
      return { address, atMs, metrics: undefined, problem };
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private textOf(address: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = this.get(address, signal);
      request.once('error', reject);
      request.once('response', (response) => {
        if (response.statusCode === 200) textOf(response).then(resolve, reject);
        else request.destroy(new Error(`HTTP status ${response.statusCode}`));
      });
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

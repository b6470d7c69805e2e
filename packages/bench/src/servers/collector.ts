import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what a traced process sends, and counts it. */
export interface Collector {
  /** For `--traces-endpoint`. */
  readonly url: string;
  /** Spans that have come. */
  readonly spans: () => number;
  close(): void;
}

/** Starts a collector of traces that throws them away. */
export async function startCollector(): Promise<Collector> {
  let spans = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      spans += countOf(Buffer.concat(chunks), '"spanId"');
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Looks at the bytes alone: it runs on the cores that are measured. */
function countOf(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) count += 1;
  return count;
}

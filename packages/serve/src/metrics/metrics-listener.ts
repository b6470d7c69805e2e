import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import { bindFailure } from '../process/start-error';
import { contextOf, handshakeTimeoutMs } from '../tls/server-credentials';
import type { TlsMaterial } from '../tls/watch-tls';
import type { WatchedFiles } from '../tls/watched-files';
import { metricsText } from './metrics-text';

/** What answers Prometheus. */
export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` in the Prometheus text format. It answers on the process's only event loop, so a scrape that is slow
 * shows a loop that is held up.
 * @throws StartError where the port cannot be had
 */
export async function listenForMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly log: Logger;
  /** Undefined: plain HTTP. */
  readonly tls: WatchedFiles<TlsMaterial> | undefined;
}): Promise<MetricsListener> {
  const { host, port, registry, log, tls } = options;
  const answer: RequestListener = (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
      return;
    }
    metricsText(registry).then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics could not be collected');
        response.writeHead(500).end();
      },
    );
  };
  const server = tls === undefined ? createServer(answer) : tlsServer(tls, answer);
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(bindFailure(error, 'metrics', host, port)));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tlsServer(tls: WatchedFiles<TlsMaterial>, answer: RequestListener): ReturnType<typeof createTlsServer> {
  const requestCert = tls.value.ca !== undefined;
  const server = createTlsServer(
    { ...contextOf(tls.value), requestCert, handshakeTimeout: handshakeTimeoutMs },
    answer,
  );
  tls.onChange((material) => server.setSecureContext(contextOf(material)));
  return server;
}

import type { Logger } from 'pino';
import type { ServeSettings } from '../serve-settings';
import { watchTls, type TlsMaterial } from './watch-tls';
import type { WatchedFiles } from './watched-files';

/** The TLS of a process's listeners. */
export interface ListenerTls {
  /** Undefined: gRPC is served in the clear. */
  readonly grpc: WatchedFiles<TlsMaterial> | undefined;
  /** Undefined: the metrics are. */
  readonly metrics: WatchedFiles<TlsMaterial> | undefined;
  close(): void;
}

/**
 * TLS as the settings have it. Where they name `tlsClientCa`, callers must show a certificate that comes from it, and so must
 * readers of the metrics where there is no `metricsClientCa` for them.
 * @throws StartError where a file cannot be read, or is not what it should be
 */
export function watchListenerTls(settings: ServeSettings, log: Logger): ListenerTls {
  const { tlsCert, tlsKey, tlsClientCa, metricsTls = false, metricsClientCa } = settings;
  if (tlsCert === undefined || tlsKey === undefined) {
    return { grpc: undefined, metrics: undefined, close: () => undefined };
  }
  const watchBy = (setting: 'tlsClientCa' | 'metricsClientCa', path: string | undefined): WatchedFiles<TlsMaterial> =>
    watchTls(
      {
        ca: path === undefined ? undefined : { setting, path },
        cert: { setting: 'tlsCert', path: tlsCert },
        key: { setting: 'tlsKey', path: tlsKey },
      },
      log,
    );
  const grpc = watchBy('tlsClientCa', tlsClientCa);
  const ofMetrics = metricsClientCa === undefined ? grpc : watchBy('metricsClientCa', metricsClientCa);
  return {
    grpc,
    metrics: metricsTls ? ofMetrics : undefined,
    close: () => {
      grpc.close();
      ofMetrics.close();
    },
  };
}

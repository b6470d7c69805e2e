import type { HopSecurity } from '@tributary/client';
import { StartError, watchTls, WatchedFiles, type ServeOptions } from '@tributary/serve';
import type { RouterSettings } from './settings';

type Log = ServeOptions['log'];

/** What secures the hops to the services. */
export interface UpstreamSecurity {
  /** Of the hop to an upstream; `host`: what the settings call it. */
  of(host: string): HopSecurity;
  close(): void;
}

/**
 * Reads, and keeps reading, what the settings name for the hops to the services.
 * @throws StartError where a file cannot be read, or is not what it should be
 */
export function watchUpstreamSecurity(settings: RouterSettings, log: Log): UpstreamSecurity {
  const tls = watchUpstreamTls(settings, log);
  const token = watchToken(settings.upstreamTokenFile, log);
  return {
    of: (host) => ({
      ...(token && { token: () => token.value }),
      ...(tls && {
        tls: {
          get ca() {
            return tls.value.ca;
          },
          get cert() {
            return tls.value.cert;
          },
          get key() {
            return tls.value.key;
          },
          serverName: settings.upstreamServerName ?? host,
        },
      }),
    }),
    close: () => {
      tls?.close();
      token?.close();
    },
  };
}

function watchUpstreamTls(settings: RouterSettings, log: Log): ReturnType<typeof watchTls> | undefined {
  const { upstreamCa, upstreamCert, upstreamKey } = settings;
  if (upstreamCa === undefined) return undefined;
  return watchTls(
    {
      ca: { setting: 'upstreamCa', path: upstreamCa },
      cert: upstreamCert === undefined ? undefined : { setting: 'upstreamCert', path: upstreamCert },
      key: upstreamKey === undefined ? undefined : { setting: 'upstreamKey', path: upstreamKey },
    },
    log,
  );
}

function watchToken(path: string | undefined, log: Log): WatchedFiles<string> | undefined {
  if (path === undefined) return undefined;
  const setting = 'upstreamTokenFile';
  return new WatchedFiles({
    files: [{ setting, path }],
    log,
    parse: ([content]) => {
      const token = String(content).trim();
      // As HTTP takes it (RFC 6750, section 2.1).
      if (!/^[\w.~+/-]+=*$/.test(token)) throw new StartError(`${setting} (${path}) holds no bearer token`);
      return token;
    },
  });
}

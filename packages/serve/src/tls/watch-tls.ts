import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error';
import { WatchedFiles, type NamedFile } from './watched-files';

/** One end of TLS, in PEM. */
export interface TlsMaterial {
  /** What the certificate of the other end must come from. */
  readonly ca: Buffer | undefined;
  /** This end's certificate, with those between it and its root, and its key. */
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/** The files of one end; undefined for what it does not have. */
export type TlsFiles = { readonly [Part in keyof TlsMaterial]: NamedFile | undefined };

/**
 * The material of one end, read again when its files change: connections that are made from then on use the new one.
 * @throws StartError where a file cannot be read, or they are not a certificate, its key, and certificates in PEM
 */
export function watchTls(files: TlsFiles, log: Logger): WatchedFiles<TlsMaterial> {
  const parts = (['ca', 'cert', 'key'] as const).filter((part) => files[part] !== undefined);
  const describe = (part: keyof TlsMaterial): string => `${files[part]?.setting} (${files[part]?.path})`;
  return new WatchedFiles({
    files: parts.map((part) => files[part]!),
    log,
    parse: (contents) => {
      const of = (part: keyof TlsMaterial): Buffer | undefined => contents[parts.indexOf(part)];
      const material: TlsMaterial = { ca: of('ca'), cert: of('cert'), key: of('key') };
      const { ca, cert, key } = material;
      // TLS itself would pass over a file without certificates, and then trust nobody.
      if (ca !== undefined) orStartError(() => new X509Certificate(ca), `${describe('ca')} is no certificate in PEM`);
      // It would find out at the first connection.
      const pair = `${describe('cert')} and ${describe('key')} are no certificate and its key in PEM`;
      if (cert !== undefined && key !== undefined) orStartError(() => createSecureContext({ cert, key }), pair);
      return material;
    },
  });
}

function orStartError(check: () => unknown, text: string): void {
  try {
    check();
  } catch (error) {
    throw new StartError(text, { cause: error });
  }
}

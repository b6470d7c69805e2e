import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { HopTls } from '@tributary/client';
import { UsageError } from './command-line';

/** Options of commands that speak to processes which may speak TLS. */
export const tlsOptions = {
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  'server-name': { type: 'string' },
} as const;

/** What their help says. */
export const tlsHelp = `  --ca FILE     speaks TLS: the other end's certificate must come from those in FILE
  --cert FILE   and --key FILE: the certificate to show, and its key
  --server-name NAME
                that its certificate must have; default: the host of the address`;

type Given = { readonly [Name in keyof typeof tlsOptions]?: string | undefined };

/**
 * What TLS the options ask for; undefined: none.
 * @throws UsageError naming the option that is missing, or whose file cannot be used
 */
export function readTls(given: Given): HopTls | undefined {
  const { ca, cert, key } = given;
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together');
  const serverName = given['server-name'];
  if (ca === undefined) {
    if ((cert ?? serverName) !== undefined) throw new UsageError('--cert and --server-name need --ca');
    return undefined;
  }
  const tls = { ca: readOption('ca', ca), cert: readOption('cert', cert), key: readOption('key', key), serverName };
  // TLS itself would pass over a file without certificates, and then trust nobody.
  assertPem(() => new X509Certificate(tls.ca), `--ca ${ca} is no certificate in PEM`);
  const context = { ...(tls.cert && { cert: tls.cert }), ...(tls.key && { key: tls.key }) };
  assertPem(
    () => createSecureContext(context),
    `--cert ${cert} and --key ${key} are no certificate and its key in PEM`,
  );
  return tls;
}

/**
 * The bytes of the file that an option names; undefined where it names none.
 * @throws UsageError where it cannot be read
 */
export function readOption(option: string, path: string): Buffer;
export function readOption(option: string, path: string | undefined): Buffer | undefined;
export function readOption(option: string, path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read --${option} ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function assertPem(parse: () => unknown, problem: string): void {
  try {
    parse();
  } catch {
    throw new UsageError(problem);
  }
}

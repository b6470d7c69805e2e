import { ServerCredentials } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartError } from './process/start-error';
import type { ServeSettings } from './serve-settings';

/**
 * What the gRPC port speaks: TLS where the settings name a certificate and its key, else plain HTTP/2.
 * @throws StartError where a file cannot be read, or the two are no certificate and its key
 */
export function serverCredentials({ tlsCert, tlsKey }: ServeSettings): ServerCredentials {
  if (tlsCert === undefined && tlsKey === undefined) return ServerCredentials.createInsecure();
  const cert = readPem('tlsCert', tlsCert);
  const key = readPem('tlsKey', tlsKey);
  try {
    // grpc-js would find out at the first connection.
    createSecureContext({ cert, key });
  } catch (error) {
    const text = `tlsCert (${tlsCert}) and tlsKey (${tlsKey}) are no certificate and its key in PEM`;
    throw new StartError(text, { cause: error });
  }
  return ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]);
}

function readPem(setting: 'tlsCert' | 'tlsKey', path: string | undefined): Buffer {
  if (path === undefined) throw new StartError(`TLS needs ${setting}`);
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`cannot read ${setting} (${path}): ${causes.get(code) ?? String(code)}`, { cause: error });
  }
}

const causes: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission is denied'],
  ['EISDIR', 'it is a folder'],
]);

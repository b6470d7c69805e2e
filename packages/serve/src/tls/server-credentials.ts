import { ServerCredentials } from '@grpc/grpc-js';
import type { SecureContextOptions } from 'node:tls';
import type { TlsMaterial } from './watch-tls';
import type { WatchedFiles } from './watched-files';

/** From the connection of a socket to the end of its handshake; Node's own patience is two minutes. */
export const handshakeTimeoutMs = 10_000;

/** What the gRPC port speaks: TLS where there is any, else plain HTTP/2. */
export function serverCredentials(tls: WatchedFiles<TlsMaterial> | undefined): ServerCredentials {
  return tls === undefined ? ServerCredentials.createInsecure() : new WatchedCredentials(tls);
}

/** grpc-js has these for files that it reads itself; where one is half-written, it drops connections until it is whole. */
class WatchedCredentials extends ServerCredentials {
  constructor(tls: WatchedFiles<TlsMaterial>) {
    const { value } = tls;
    super(
      { requestCert: value.ca !== undefined, rejectUnauthorized: true, handshakeTimeout: handshakeTimeoutMs },
      contextOf(value),
    );
    tls.onChange((material) => this.updateSecureContextOptions(contextOf(material)));
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/** What a TLS server of Node takes. */
export function contextOf({ ca, cert, key }: TlsMaterial): SecureContextOptions {
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

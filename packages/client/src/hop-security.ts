import { ChannelCredentials, credentials as plainCredentials } from '@grpc/grpc-js';
import { isIP } from 'node:net';
import { createSecureContext, connect, type ConnectionOptions, type SecureContext, type TLSSocket } from 'node:tls';
import type { HopMetadata, HopOpening } from './hop';

/**
 * TLS to a server. The fields are read at every connection, so that an object with getters hands on what files hold by then; connections
 * that stand go on as they are.
 */
export interface HopTls {
  /** PEM of the certificates that the server's must come from; undefined: those that Node brings. */
  readonly ca?: Buffer | undefined;
  /** PEM of this side's certificate and its key, for servers that ask for one. */
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** The name that the server's certificate must have; default: the host of the address. */
  readonly serverName?: string | undefined;
}

/** How a hop is secured. Without either: in the clear, and as nobody. */
export interface HopSecurity {
  /** Undefined: no TLS. */
  readonly tls?: HopTls | undefined;
  /** The bearer token, asked for at every call or relay; it goes as metadata `authorization`. */
  readonly token?: (() => string | undefined) | undefined;
}

/** Metadata with the token of this side; the same object where there is none. */
export function withToken<Call extends HopOpening>(call: Call, { token }: HopSecurity): Call {
  const metadata = tokenMetadata(token?.());
  return metadata === undefined ? call : { ...call, metadata: new Map([...call.metadata, ...metadata]) };
}

/** Undefined for no token. */
export function tokenMetadata(token: string | undefined): HopMetadata | undefined {
  return token === undefined ? undefined : new Map([['authorization', [`Bearer ${token}`]]]);
}

/** A socket of TLS to `host`; it says itself what is wrong with the other end. */
export function connectTls(tls: HopTls, host: string, port: number): TLSSocket {
  const socket = connect({ host, port, ...optionsOf(tls, host), ...contextOf(tls), ALPNProtocols: ['h2'] });
  socket.setNoDelay(true);
  return socket;
}

/** What a channel of grpc-js takes. */
export function channelCredentials(tls: HopTls | undefined): ChannelCredentials {
  return tls === undefined ? plainCredentials.createInsecure() : new RereadCredentials(tls);
}

/** As grpc-js's own for TLS, of what the material is when a connection is made. */
class RereadCredentials extends ChannelCredentials {
  constructor(private readonly tls: HopTls) {
    super();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(
    ...args: Parameters<ChannelCredentials['_createSecureConnector']>
  ): ReturnType<ChannelCredentials['_createSecureConnector']> {
    const [target, options, callCredentials] = args;
    const connector = (context: SecureContext): ReturnType<ChannelCredentials['_createSecureConnector']> => {
      const current = plainCredentials.createFromSecureContext(context);
      const { serverName } = this.tls;
      const named = serverName === undefined ? options : { ...options, 'grpc.ssl_target_name_override': serverName };
      return current._createSecureConnector(target, named, callCredentials);
    };
    const first = connector(createSecureContext());
    return {
      connect: async (socket) => connector(createSecureContext(contextOf(this.tls))).connect(socket),
      waitForReady: () => first.waitForReady(),
      getCallCredentials: () => first.getCallCredentials(),
      destroy: () => first.destroy(),
    };
  }
}

function contextOf({ ca, cert, key }: HopTls): Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** An address is no server name (RFC 6066, section 3); Node checks the certificate against the host then. */
function optionsOf({ serverName = '' }: HopTls, host: string): ConnectionOptions {
  const name = serverName === '' ? host : serverName;
  return isIP(name) === 0 ? { servername: name } : {};
}

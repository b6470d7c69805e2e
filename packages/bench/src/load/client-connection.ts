import { createClient, type Client } from '@tributary/client';
import type { Address, CallEnd, UnaryConnection } from './unary-connection';

/** Calls by the TypeScript client. */
export class ClientConnection implements UnaryConnection {
  private constructor(private readonly client: Client) {}

  /** Resolves once the server says that it is serving. */
  static async open({ host, port }: Address, direct: boolean): Promise<ClientConnection> {
    const client = createClient(`${host}:${port}`, { direct });
    await client.waitUntilReady();
    return new ClientConnection(client);
  }

  call(path: string, body: Buffer, onEnd: CallEnd, timeoutMs?: number): () => void {
    const cancel = new AbortController();
    const options = { signal: cancel.signal, ...(timeoutMs !== undefined && { timeoutMs }) };
    void this.client.callBytes(path, body, options).then(({ code, message }) => onEnd(code, message));
    return () => cancel.abort();
  }

  close(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }
}

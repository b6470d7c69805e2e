import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { statusName } from '@tributary/contract';
import type { Address } from '../load/unary-connection';

/** The longest message that is taken, either way. */
const maxMessageBytes = 2 ** 31 - 1;

/** One unary call by grpc-js, which tells why a call failed. Throws an Error with status and the server's words. */
export async function callForReason(
  to: Address,
  path: string,
  message: Uint8Array,
  timeoutMs: number,
): Promise<Buffer> {
  const host = to.host.includes(':') ? `[${to.host}]` : to.host;
  const client = new Client(`${host}:${to.port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
  const identity = (bytes: Buffer): Buffer => bytes;
  const options = { deadline: Date.now() + timeoutMs };
  try {
    return await new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: Buffer): void => {
        if (error === null) resolve(answer!);
        else reject(new Error(`${path.slice(path.lastIndexOf('/') + 1)}: ${statusName(error.code)}: ${error.details}`));
      };
      client.makeUnaryRequest(path, identity, identity, Buffer.from(message), options, done);
    });
  } finally {
    client.close();
  }
}

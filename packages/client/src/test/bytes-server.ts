import { Server, ServerCredentials, type handleServerStreamingCall, type handleUnaryCall } from '@grpc/grpc-js';

/** A grpc-js server for tests: bytes in, bytes out, on the loopback. */
export interface BytesServer {
  readonly server: Server;
  readonly address: string;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Starts a server with these methods by path; port 0 is any free one. */
export async function startBytesServer(
  methods: Record<
    string,
    { readonly unary: handleUnaryCall<Buffer, Buffer> } | { readonly stream: handleServerStreamingCall<Buffer, Buffer> }
  >,
  port = 0,
): Promise<BytesServer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  for (const [path, method] of Object.entries(methods)) {
    if ('unary' in method) server.register(path, method.unary, identity, identity, 'unary');
    else server.register(path, method.stream, identity, identity, 'serverStream');
  }
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { server, address: `127.0.0.1:${boundPort}` };
}

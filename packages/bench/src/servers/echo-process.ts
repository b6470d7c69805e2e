import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { answerParent } from '../process/child-program';

/** What the echo server is to answer. */
export interface EchoService {
  /** e.g. `/inference.GRPCInferenceService/ModelInfer` */
  readonly path: string;
  /** The encoded message that answers every request. */
  readonly answer: Uint8Array;
}

/** The questions that the echo server's process answers. */
export interface EchoProgram {
  /** Listens on a free port of this machine and tells it. */
  listen(service: EchoService): Promise<number>;
  /** Calls answered so far. */
  answered(nothing: undefined): Promise<number>;
}

let answered = 0;

// grpc-js as it comes: no option set, no work done, bytes in and bytes out. What a gRPC server on Node can reach at most.
function listen({ path, answer }: EchoService): Promise<number> {
  const bytes = Buffer.from(answer);
  const identity = (message: Buffer): Buffer => message;
  const server = new Server();
  server.addService(
    {
      Echo: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      Echo: (_call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        answered++;
        reply(null, bytes);
      },
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

answerParent<EchoProgram>({ listen, answered: () => Promise.resolve(answered) });

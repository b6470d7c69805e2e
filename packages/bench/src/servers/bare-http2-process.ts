import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { frameMessage } from '../load/frame';
import { answerParent } from '../process/child-program';
import type { EchoProgram, EchoService } from './echo-process';

let answered = 0;

// The least a gRPC answer can cost on node:http2: the generator's own ceiling is measured against it.
function listen({ answer }: EchoService): Promise<number> {
  const frame = frameMessage(answer);
  const server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    stream.once('end', () => {
      answered++;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(frame);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

answerParent<EchoProgram>({ listen, answered: () => Promise.resolve(answered) });

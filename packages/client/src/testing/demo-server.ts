import {
  Metadata,
  Server,
  ServerCredentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { grpc, Status, tributary } from '@tributary/contract';
import { once } from 'node:events';

/** The kind of service that servers of demo.Demo say they are. */
export const demoKind = 'demo';

/** Metadata that Echo and Both send back, the first as a header and the second as a trailer. */
export const echoedKeys = ['x-grpc-test-echo-initial', 'x-grpc-test-echo-trailing-bin'] as const;

/** What Counts answers with, as JSON. */
export interface DemoCounts {
  /** Calls of Stream, Flood, Both and Slow that have not ended. */
  readonly open: number;
  /** Bytes that Flood has handed over. */
  readonly flooded: number;
}

/** Length of a message of Flood, and how many there are. */
export const floodBytes = 64 * 1024;
export const floodMessages = 1024;

let open = 0;
let flooded = 0;
let release = (): void => undefined;
let released = false;
const slowMayRead = new Promise<void>((resolve) => {
  release = () => {
    released = true;
    resolve();
  };
});
const counts = (): Buffer => Buffer.from(JSON.stringify({ open, flooded } satisfies DemoCounts));
const floodMessage = Buffer.alloc(floodBytes, 1);

type AnyHandler =
  | handleUnaryCall<Buffer, Buffer>
  | handleServerStreamingCall<Buffer, Buffer>
  | handleClientStreamingCall<Buffer, Buffer>
  | handleBidiStreamingCall<Buffer, Buffer>;

function totalOf(bytes: number): Buffer {
  return Buffer.from(String(bytes));
}

const identity = (bytes: Buffer): Buffer => bytes;

function metadataToEcho(received: Metadata, key: string): Metadata {
  const echoed = new Metadata();
  for (const value of received.get(key)) echoed.add(key, value);
  return echoed;
}

const unary: Record<string, handleUnaryCall<Buffer, Buffer>> = {
  Echo: (call, answer) => {
    call.sendMetadata(metadataToEcho(call.metadata, echoedKeys[0]));
    answer(null, call.request, metadataToEcho(call.metadata, echoedKeys[1]));
  },
  Counts: (_call, answer) => answer(null, counts()),
  Release: (_call, answer) => {
    release();
    answer(null, counts());
  },
  Sleep: () => undefined,
  Status: (call, answer) => answer({ code: Status.UNKNOWN, details: call.request.toString() }),
};

async function writeTo(call: ServerWritableStream<Buffer, Buffer>, message: Buffer): Promise<void> {
  if (!call.write(message)) await once(call, 'drain');
}

const serverStream: Record<string, handleServerStreamingCall<Buffer, Buffer>> = {
  Stream: (call) => {
    open += 1;
    call.on('close', () => (open -= 1)).on('error', () => undefined);
    for (let count = 0; count < 4; count += 1) call.write(call.request);
    const text = call.request.toString();
    if (text === 'failing') call.emit('error', { code: Status.DATA_LOSS, details: 'after four' });
    else if (text !== 'endless') call.end();
  },
  Flood: (call) => {
    open += 1;
    call.on('close', () => (open -= 1)).on('error', () => undefined);
    void (async () => {
      for (let count = 0; count < floodMessages && !call.destroyed; count += 1) {
        await writeTo(call, floodMessage);
        flooded += floodBytes;
      }
      call.end();
    })();
  },
};

const clientStream: Record<string, handleClientStreamingCall<Buffer, Buffer>> = {
  Gather: (call, answer) => {
    let bytes = 0;
    call.on('data', (part: Buffer) => (bytes += part.length));
    call.on('end', () => answer(null, totalOf(bytes)));
    call.on('error', () => undefined);
  },
};

const bidi: Record<string, handleBidiStreamingCall<Buffer, Buffer>> = {
  Both: (call) => {
    open += 1;
    call.sendMetadata(metadataToEcho(call.metadata, echoedKeys[0]));
    call.on('close', () => (open -= 1)).on('error', () => undefined);
    call.on('data', (part: Buffer) => call.write(part));
    call.on('end', () => call.end(metadataToEcho(call.metadata, echoedKeys[1])));
  },
  Slow: (call) => {
    open += 1;
    let bytes = 0;
    call.on('close', () => (open -= 1)).on('error', () => undefined);
    call.on('data', (part: Buffer) => {
      bytes += part.length;
      if (released) return;
      call.pause();
      void slowMayRead.then(() => call.resume());
    });
    call.on('end', () => {
      call.write(totalOf(bytes));
      call.end();
    });
  },
};

const { WatchModelsResponse } = tributary.model.v1;
const { SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
const health = Buffer.from(grpc.health.v1.HealthCheckResponse.encode({ status: SERVING }).finish());
const models = Buffer.from(WatchModelsResponse.encode({ service: demoKind, models: [] }).finish());

function watch(message: Buffer): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    call.write(message);
    process.once('SIGTERM', () => call.end());
  };
}

/** Serves demo.Demo, methods of every shape, by grpc-js; for a process of its own, which SIGTERM drains. */
export function runDemoServer(): void {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const addAll = (kind: string, handlers: Record<string, AnyHandler>): void => {
    for (const [name, handler] of Object.entries(handlers)) {
      server.register(`/demo.Demo/${name}`, handler, identity, identity, kind);
    }
  };
  addAll('unary', unary);
  addAll('serverStream', serverStream);
  addAll('clientStream', clientStream);
  addAll('bidi', bidi);
  const watches = { '/grpc.health.v1.Health/Watch': health, '/tributary.model.v1.ModelService/WatchModels': models };
  for (const [path, message] of Object.entries(watches)) {
    server.register(path, watch(message), identity, identity, 'serverStream');
  }
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => server.tryShutdown(() => process.exit()));
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, grpcPort) => {
    process.send?.({ grpcPort });
  });
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, credentials, Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Status } from '@tributary/contract';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RelayedStatus, type CallContext, type Method } from '../index';
import { startServing, type Serving } from './serving';

// The cases of gRPC's interop suite, by two clients that are not ours.

const run = promisify(execFile);
const script = join(__dirname, '../../../../test/foreign/interop.py');
const python = process.env['FOREIGN_PYTHON'] ?? 'python3';
const hasPython = spawnSync(python, ['-c', 'import grpc']).status === 0;
const initialKey = 'x-grpc-test-echo-initial';
const trailingKey = 'x-grpc-test-echo-trailing-bin';

function waits({ signal }: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

function echoMetadata(context: CallContext): void {
  for (const value of context.metadata.get(initialKey) ?? []) context.setHeader(initialKey, value);
  for (const value of context.metadata.get(trailingKey) ?? []) context.setTrailer(trailingKey, value);
}

const methods: readonly Method[] = [
  {
    path: '/demo.Demo/Echo',
    kind: 'unary',
    handler: (request, context) => {
      echoMetadata(context);
      return Promise.resolve(request);
    },
  },
  { path: '/demo.Demo/Sleep', kind: 'unary', handler: (_request, context) => waits(context) },
  {
    path: '/demo.Demo/Status',
    kind: 'unary',
    handler: (request) => Promise.reject(new RelayedStatus(Status.UNKNOWN, Buffer.from(request).toString())),
  },
  {
    path: '/demo.Demo/Stream',
    kind: 'serverStream',
    handler: async (request, context, write) => {
      for (let count = 0; count < 4; count += 1) await write(request);
      if (Buffer.from(request).toString() === 'endless') await waits(context);
    },
  },
  {
    path: '/demo.Demo/Gather',
    kind: 'bidi',
    handler: async (next, _context, write) => {
      let bytes = 0;
      for (let part = await next(); part !== undefined; part = await next()) bytes += part.length;
      await write(Buffer.from(String(bytes)));
    },
  },
  {
    path: '/demo.Demo/Both',
    kind: 'bidi',
    handler: async (next, context, write) => {
      echoMetadata(context);
      context.sendHeaders();
      for (let part = await next(); part !== undefined; part = await next()) await write(part);
    },
  },
];

describe.each(['on', 'off'] as const)('interop, with hotDoor %s:', (hotDoor) => {
  let serving: Serving;
  let client: Client;

  beforeEach(async () => {
    serving = await startServing(methods, { hotDoor });
    client = new Client(`127.0.0.1:${serving.server.grpcPort}`, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    await serving.close();
  });

  interface Outcome {
    readonly error: ServiceError | null;
    readonly answer: Buffer | undefined;
    readonly initial: Metadata;
    readonly status: StatusObject;
  }

  const identity = (bytes: Buffer): Buffer => bytes;

  /** A unary call by grpc-js's client. */
  function call(name: string, message: Buffer, metadata = new Metadata(), deadlineMs = 10_000): Promise<Outcome> {
    return new Promise((resolve) => {
      let initial = new Metadata();
      let ended: { error: ServiceError | null; answer: Buffer | undefined } | undefined;
      const options = { deadline: Date.now() + deadlineMs };
      const path = name.startsWith('/') ? name : `/demo.Demo/${name}`;
      client
        .makeUnaryRequest(path, identity, identity, message, metadata, options, (error, answer) => {
          ended = { error, answer };
        })
        .on('metadata', (received: Metadata) => (initial = received))
        .on('status', (status) => setImmediate(() => resolve({ ...ended!, initial, status })));
    });
  }

  it('empty_unary and large_unary', async () => {
    for (const bytes of [0, 271_828, 4_000_000]) {
      const message = Buffer.alloc(bytes, 'large');
      const { status, answer } = await call('Echo', message);
      expect([status.code, answer?.equals(message)]).toEqual([Status.OK, true]);
    }
  });

  it('custom_metadata', async () => {
    const metadata = new Metadata();
    metadata.set(initialKey, 'test_initial_metadata_value');
    metadata.set(trailingKey, Buffer.from('ababab', 'hex'));
    const { initial, status } = await call('Echo', Buffer.alloc(1), metadata);
    expect(initial.get(initialKey)).toEqual(['test_initial_metadata_value']);
    expect(status.metadata.get(trailingKey)).toEqual([Buffer.from('ababab', 'hex')]);
  });

  it('status_code_and_message and special_status_message', async () => {
    for (const text of ['test status message', '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n']) {
      const { error } = await call('Status', Buffer.from(text));
      expect([error?.code, error?.details]).toEqual([Status.UNKNOWN, text]);
    }
  });

  it('unimplemented_method and unimplemented_service', async () => {
    for (const path of ['None', '/demo.None/Echo'])
      expect((await call(path, Buffer.alloc(0))).error?.code).toBe(Status.UNIMPLEMENTED);
  });

  it('timeout_on_sleeping_server', async () => {
    expect((await call('Sleep', Buffer.alloc(0), new Metadata(), 50)).error?.code).toBe(Status.DEADLINE_EXCEEDED);
  });

  it('cancel_after_begin', async () => {
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest('/demo.Demo/Sleep', identity, identity, Buffer.alloc(0), resolve).cancel();
    });
    expect(error?.code).toBe(Status.CANCELLED);
  });

  it('server_streaming and cancel_after_first_response', async () => {
    const stream = client.makeServerStreamRequest('/demo.Demo/Stream', identity, identity, Buffer.from('abc'));
    expect(await stream.toArray()).toEqual(Array.from({ length: 4 }, () => Buffer.from('abc')));
    const endless = client.makeServerStreamRequest('/demo.Demo/Stream', identity, identity, Buffer.from('endless'));
    const failed = once(endless, 'error');
    await once(endless, 'data');
    endless.cancel();
    // Through the promise of 'error': the stream rejects what waits for another event.
    await expect(failed.then(([error]) => (error as ServiceError).code)).resolves.toBe(Status.CANCELLED);
  });

  it('ping_pong and empty_stream', async () => {
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    // list_services, field 7
    const question = Buffer.from([0x3a, 0x01, 0x2a]);
    const stream = client.makeBidiStreamRequest(path, identity, identity);
    for (let count = 0; count < 4; count += 1) {
      const answer = once(stream, 'data');
      stream.write(question);
      expect(((await answer)[0] as Buffer).includes('demo.Demo')).toBe(true);
    }
    const ended = once(stream, 'status');
    stream.end();
    expect(((await ended)[0] as StatusObject).code).toBe(Status.OK);
    const empty = client.makeBidiStreamRequest(path, identity, identity);
    const emptyEnded = once(empty, 'status');
    empty.resume().end();
    expect(((await emptyEnded)[0] as StatusObject).code).toBe(Status.OK);
  });

  (hasPython ? it : it.skip)(
    'every case by the C core through Python, compressed requests among them',
    async () => {
      const { stdout } = await run(python, [script, `127.0.0.1:${serving.server.grpcPort}`]);
      const cases = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { case: string; fault: string | null });
      expect(cases.filter(({ fault }) => fault !== null)).toEqual([]);
      expect(cases).toHaveLength(20);
    },
    60_000,
  );
});

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpConnection } from '../load/http-connection';
import type { LoadPlan } from '../load/load-plan';
import { runLoad } from '../load/run-load';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Answers every POST with what the function makes of it. */
async function serve(
  answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void,
): Promise<number> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => answer(request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A body of known length. */
function end(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-length': body.length });
  response.end(body);
}

function plan(port: number, message: Uint8Array): LoadPlan {
  const check = { kind: 'bytes', expected: message } as const;
  return {
    ...{ port, protocol: { kind: 'http1', headers: ['x-shape: 1,64'] }, path: '/infer' },
    ...{ requests: [{ message, check }], connections: 3, mode: { kind: 'closed', inFlightPerConnection: 2 } },
    ...{ warmUpMs: 10, windowMs: 100 },
  };
}

describe('a load over HTTP/1.1', () => {
  it('counts as many calls as the server did, large ones too, with the headers of the plan', async () => {
    let calls = 0;
    const port = await serve((request, body, response) => {
      calls++;
      end(response, request.headers['x-shape'] === '1,64' && request.url === '/infer' ? body : Buffer.from('other'));
    });
    for (const size of [5, 700_000]) {
      calls = 0;
      const result = await runLoad(
        plan(
          port,
          Uint8Array.from({ length: size }, (_, index) => index % 251),
        ),
      );
      expect(result).toMatchObject({ callsEnded: calls, wrongAnswers: 0, failedCalls: 0, firstFault: '' });
      expect(calls).toBeGreaterThan(3);
    }
  });

  it('counts calls by the status that they failed with', async () => {
    const port = await serve((_request, _body, response) => response.writeHead(503, { 'content-length': 0 }).end());
    const result = await runLoad(plan(port, Uint8Array.of(1)));
    expect([...result.statuses]).toEqual([[503, result.callsEnded]]);
    expect(result.failedCalls).toBe(result.callsEnded);
  });

  it('ends every call where the server goes away or sends what is no answer of known length', async () => {
    const gone = await serve((request) => request.socket.destroy());
    expect([...(await runLoad(plan(gone, Uint8Array.of(1)))).statuses.keys()]).toEqual([-1]);
    server!.close();
    const unknown = await serve((_request, body, response) => {
      response.write(body);
      response.end();
    });
    expect([...(await runLoad(plan(unknown, Uint8Array.of(1)))).statuses.keys()]).toEqual([-1]);
  });

  it('sends one call at a time on a connection, in order', async () => {
    const seen: number[] = [];
    const port = await serve((_request, body, response) => {
      seen.push(body[0]!);
      end(response, body);
    });
    const connection = await HttpConnection.open({ host: '127.0.0.1', port }, []);
    const answers = await Promise.all(
      [1, 2, 3].map(
        (value) =>
          new Promise((resolve) => connection.call('/', Buffer.of(value), (_status, answer) => resolve(answer?.[0]))),
      ),
    );
    expect(answers).toEqual([1, 2, 3]);
    expect(seen).toEqual([1, 2, 3]);
    await connection.close();
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerLine } from '../index';
import { makeCertificate } from '../testing';
import { runServing, runToEnd, type Child } from './child';
import { answerOf, frame, RawClient } from './raw-client';

const echoPath = '/demo.Demo/Echo';
const neverMs = '/demo.Demo/Never';

/** Makes a process the first of a namespace of its own, as that of a container is; where namespaces are not allowed its tests are skipped. */
const container = ['/usr/bin/unshare', '--pid', '--fork', '--kill-child'];
const itInContainer = spawnSync(container[0]!, [...container.slice(1), 'true']).status === 0 ? it : it.skip;

const children: Child[] = [];
const clients: RawClient[] = [];

async function serveIn(...args: readonly string[]): Promise<Child & { client: RawClient }> {
  const child = await runServing({ args });
  children.push(child);
  const client = new RawClient(child.grpcPort);
  clients.push(client);
  return { ...child, client };
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const child of children.splice(0)) {
    child.process.kill('SIGKILL');
    await child.ended;
  }
});

describe('SIGHUP', () => {
  it('reloads, one at a time, once more for all that came meanwhile, and survives a reload that fails', async () => {
    const { process: child, client, logged, stdout, ended } = await serveIn();
    child.kill('SIGHUP');
    await logged('reload 1');
    for (let signal = 0; signal < 3; signal += 1) child.kill('SIGHUP');
    // Signals are taken in turns of the event loop, and so is a call that comes after them.
    await client.call(echoPath, Buffer.alloc(0));
    expect(stdout()).not.toContain('reload 2');
    await client.call('/demo.Demo/Release', Buffer.alloc(0));
    await logged('a reload that fails on purpose');
    child.kill('SIGHUP');
    await logged('reload 3');
    expect((await client.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
    child.kill('SIGTERM');
    const end = await ended;
    expect(end.code).toBe(0);
    expect(end.stdout).not.toContain('reload 4');
  });
});

describe('the end of a process', () => {
  it('case 44: SIGTERM under load fails no call, and ends with 0', async () => {
    const { process: child, client, ended, logged } = await serveIn('--drain-delay=100ms');
    const codes: number[] = [];
    let sending = true;
    const load = async (): Promise<void> => {
      while (sending) {
        const answer = await client.call(echoPath, Buffer.alloc(1000));
        // A stream that the GOAWAY kept from starting was never a call.
        if (Number.isNaN(answer.code)) return;
        codes.push(answer.code);
      }
    };
    const loads = Array.from({ length: 16 }, load);
    await client.call(echoPath, Buffer.alloc(0));
    child.kill('SIGTERM');
    client.session.once('goaway', () => (sending = false));
    await Promise.all(loads);
    expect(new Set(codes)).toEqual(new Set([Status.OK]));
    await logged('drained');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  it('case 45: a call that never ends gets UNAVAILABLE at the hard limit, and the process still ends with 0', async () => {
    const { process: child, client, ended } = await serveIn('--drain-timeout=100ms');
    const never = client.call(neverMs, Buffer.alloc(0));
    await client.call(echoPath, Buffer.alloc(0));
    child.kill('SIGTERM');
    const answer = await never;
    expect([answer.code, answer.details?.reason]).toEqual([Status.UNAVAILABLE, 'SHUTTING_DOWN']);
    const end = await ended;
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.stdout).toContain('"cutOff":1');
  });

  it('case 45: calls in flight are finished, new connections are refused', async () => {
    const { process: child, client, ended, grpcPort } = await serveIn();
    const stream = client.open(echoPath);
    stream.write(frame(Buffer.from('half')).subarray(0, 7));
    await client.call(echoPath, Buffer.alloc(0));
    const goaway = once(client.session, 'goaway');
    child.kill('SIGTERM');
    await goaway;
    const late = new RawClient(grpcPort);
    clients.push(late);
    await expect(once(late.session, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    stream.end(frame(Buffer.from('half')).subarray(7));
    const answer = await answerOf(stream);
    expect([answer.code, String(answer.messages[0])]).toEqual([Status.OK, 'half']);
    expect((await ended).code).toBe(0);
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('case 46: a %s and then a %s end it at once, by SIGKILL', async (first, second) => {
    const { process: child, client, ended, logged } = await serveIn('--drain-timeout=1h');
    void client.call(neverMs, Buffer.alloc(0));
    await client.call(echoPath, Buffer.alloc(0));
    child.kill(first);
    await logged('stopping');
    child.kill(second);
    expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  itInContainer('case 46: they end it at once also where it is the first process of a container', async () => {
    const child = await runServing({ prefix: container, args: ['--drain-timeout=1h'] });
    children.push(child);
    const client = new RawClient(child.grpcPort);
    clients.push(client);
    void client.call(neverMs, Buffer.alloc(0));
    await client.call(echoPath, Buffer.alloc(0));
    const { pid } = child.process;
    const inner = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
    process.kill(inner, 'SIGTERM');
    await child.logged('stopping');
    process.kill(inner, 'SIGTERM');
    // By the instruction that the C library's abort() ends in.
    expect(await child.ended).toMatchObject({ code: null, signal: expect.stringMatching(/^SIG(SEGV|TRAP|ILL)$/) });
  });

  it('comes when its launcher is gone', async () => {
    const { process: child, ended } = await serveIn();
    child.disconnect();
    expect((await ended).code).toBe(0);
  });

  it.each(['exception', 'rejection'])(
    'follows an %s that nothing caught: logged, drained, exit code 1',
    async (kind) => {
      const { client, ended } = await serveIn(`--crash=${kind}`);
      const answer = await client.call(echoPath, Buffer.from('x'));
      expect(answer.code).toBe(Status.OK);
      const end = await ended;
      expect(end.code).toBe(1);
      expect(end.stdout).toContain('a defect on purpose');
      expect(end.stdout).toContain('"msg":"drained"');
    },
  );

  it('case 43: comes also where nobody reads its log, and calls go on before it', async () => {
    const child = await runServing({ args: ['--log-level=debug', '--drain-timeout=1s'], readStdout: false });
    children.push(child);
    const client = new RawClient(child.grpcPort);
    clients.push(client);
    // 500 bytes of log and more for each call: together several times what the pipe and its reader's buffer hold.
    const headers = { 'x-request-id': 'r'.repeat(128) };
    for (let round = 0; round < 60; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => client.call(echoPath, Buffer.alloc(0), headers)),
      );
      expect(answers.every(({ code }) => code === Status.OK)).toBe(true);
    }
    child.process.kill('SIGTERM');
    const { code, signal } = await child.ended;
    expect(signal ?? code).toBe('SIGKILL');
  });
});

describe('a start that fails', () => {
  it('case 53: says in one line that a port is in use, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    for (const flag of ['--grpc-port', '--metrics-port']) {
      const end = await runToEnd({ args: [`${flag}=${port}`] });
      expect(end.code).toBe(1);
      expect(end.stderr).toBe(
        `demo: cannot listen on port ${port} of 127.0.0.1 for ${flag === '--grpc-port' ? 'gRPC' : 'metrics'}: it is in use; ` +
          `stop the process that has it, or choose another with ${flag}\n`,
      );
    }
    taken.close();
  });

  it('case 53: names every bad setting of every source at once', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'demo.json');
    writeFileSync(file, JSON.stringify({ maxDeadlineMs: 'soon', maxDeadlineMS: '1s' }));
    const end = await runToEnd({
      args: [`--config=${file}`, '--log-levle=debug', '--grpc-port', 'http'],
      env: { TRIBUTARY_DRAIN_TIMEOUT: '5', TRIBUTARY_HOTS: 'x', TRIBUTARY_DB_SERVICE_HOST: '10.0.0.1' },
    });
    expect(end.code).toBe(1);
    expect(end.stderr.replaceAll(file, 'FILE')).toBe(`demo: 6 faults in the settings (--help lists those of demo):
  unknown setting maxDeadlineMS; did you mean maxDeadlineMs?, in FILE
  unknown variable TRIBUTARY_HOTS; did you mean TRIBUTARY_HOST?
  unknown flag --log-levle; did you mean --log-level?
  maxDeadlineMs in FILE: expected a time such as 5ms, 2s or 1m from 1ms to 24h, got "soon"
  TRIBUTARY_DRAIN_TIMEOUT: expected a time such as 5ms, 2s or 1m from 0 to 24h, got "5"
  --grpc-port: expected a whole number from 0 to 65535, got "http"
`);
    expect(end.stdout).toBe('');
  });

  it.each([
    [['--host', '192.0.2.1'], /no address '192\.0\.2\.1'; choose another with --host\n$/],
    [['--config', '/nowhere/demo.json'], /^demo: the settings file \/nowhere\/demo\.json cannot be read/],
    [['--drain-delay', '2s', '--drain-timeout', '1s'], /^demo: drainDelay \(2s\) must not exceed drainTimeout \(1s\)/],
    [['extra'], /^demo: unknown flag extra/],
    [['--host'], /^demo: --host: expected a value/],
  ])('case 53: with %j is one line', async (args, expected) => {
    const { code, stderr } = await runToEnd({ args });
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('--secure lists each door that is open with the flag that closes it, and starts where none is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-secure-'));
    const { tlsCert, tlsKey } = makeCertificate(folder);
    const callers = join(folder, 'callers');
    writeFileSync(callers, callerLine('shop', 'infer', 'shown-by-the-shop'));
    const open = await runToEnd({ args: ['--secure', '--traces-endpoint=http://192.0.2.1:4318'] });
    expect(open).toMatchObject({ code: 1, stdout: '' });
    expect(open.stderr).toBe(`demo: 6 faults in the settings (--help lists those of demo):
  secure needs --tls-cert and --tls-key: calls and tokens travel in the clear
  secure needs --callers, --jwks-file or --jwks-url: everybody may call
  secure needs --metrics-tls: the metrics travel in the clear
  secure needs --metrics-client-ca: everybody may read the metrics
  secure needs --probe-port: probes have neither certificate nor token for --grpc-port
  secure needs an https:// --traces-endpoint: traces travel in the clear
`);
    const closing = [
      `--tls-cert=${tlsCert}`,
      `--tls-key=${tlsKey}`,
      `--callers=${callers}`,
      '--metrics-tls',
      `--metrics-client-ca=${tlsCert}`,
      '--probe-port=0',
      // An agent on this machine: nobody is between.
      '--traces-endpoint=http://127.0.0.1:1',
    ];
    const closed = await runServing({ args: ['--secure', ...closing] });
    children.push(closed);
    await closed.logged('"tls":"server"');
    rmSync(folder, { recursive: true });
  });

  it('is none for --help and --version', async () => {
    const help = await runToEnd({ args: ['--help'] });
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('--max-bytes-in-flight <value>');
    expect(await runToEnd({ args: ['--version'] })).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});

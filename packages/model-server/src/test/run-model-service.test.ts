import { fork, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@tributary/client';
import { grpc } from '@tributary/contract';
import { endless, fp32, identity, tensor } from '@tributary/engine/testing';
import { refusalOf, temporaryRepository, type TemporaryRepository } from '../testing';

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;

const good = { model: identity('FP32', ['n']) };

const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

function repositoryOf(models: Parameters<typeof temporaryRepository>[0]): TemporaryRepository {
  const repository = temporaryRepository(models);
  undo.push(() => repository.remove());
  return repository;
}

/** A process that runs, and what came of it. */
interface ServiceRun {
  readonly process: ChildProcess;
  /** Resolves to the port of gRPC once calls are taken. */
  readonly serving: Promise<number>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; errors: string; log: string }>;
}

function run(...flags: string[]): ServiceRun {
  const child = fork(join(__dirname, 'toy-service.js'), ['--metrics-port', '0', ...flags], { silent: true, env: {} });
  undo.push(() => child.kill('SIGKILL'));
  let errors = '';
  let log = '';
  child.stderr!.on('data', (text: Buffer) => (errors += text.toString()));
  child.stdout!.on('data', (text: Buffer) => (log += text.toString()));
  return {
    process: child,
    serving: new Promise((resolve, reject) => {
      child.once('message', (message) => resolve((message as { grpcPort: number }).grpcPort));
      child.once('close', () => reject(new Error(`the service ended: ${errors}${log}`)));
    }),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, errors, log }))),
  };
}

/** The same, where no message is waited for. */
function runToEnd(...flags: string[]): ServiceRun['ended'] {
  const { serving, ended } = run(...flags);
  serving.catch(() => undefined);
  return ended;
}

function connect(port: number): Client {
  const client = createClient(`127.0.0.1:${port}`);
  undo.push(() => client.close());
  return client;
}

describe('runModelService', () => {
  it('serves, and ends with 0 when it is asked to', async () => {
    const { folder } = repositoryOf({ good });
    const service = run('--repository', folder);
    const client = connect(await service.serving);
    const inputs = new Map([['input', fp32([2], [1, 2])]]);
    expect((await client.infer({ model: 'good', inputs })).version).toBe('1');
    service.process.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, errors: '' });
  });

  it('says in its log how it uses the cores', async () => {
    const { folder } = repositoryOf({ good });
    const service = run('--repository', folder, '--cpu-budget', '3');
    await service.serving;
    service.process.kill('SIGTERM');
    expect((await service.ended).log).toContain('3 cores (setting): 3 session lanes of 1 thread,');
  });

  it('case 53: a port in use ends it with one line', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    undo.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { folder } = repositoryOf({ good });
    const { code, errors } = await runToEnd('--repository', folder, '--grpc-port', String(port));
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toContain(`cannot listen on port ${port}`);
  });

  it('a repository that is not there ends it with one line', async () => {
    const { code, errors } = await runToEnd('--repository', '/nowhere/at/all');
    expect(code).toBe(1);
    expect(errors.trim()).toMatch(/^toy: the model repository \/nowhere\/at\/all cannot be read/);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('case 51: with --strict a bad model ends it with its reason', async () => {
    const { folder } = repositoryOf({ good, bad: { model: Buffer.from('no model') } });
    const { code, errors } = await runToEnd('--repository', folder, '--strict');
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toMatch(/^toy: model bad, version 1: /);
  });

  it('case 34: a run that does not end is stopped, by its deadline or by the hard limit; the process serves on', async () => {
    const { folder } = repositoryOf({ good, endless: { model: endless() } });
    const service = run('--repository', folder, '--run-timeout', '2s');
    const client = connect(await service.serving);
    const inputs = new Map([
      ['input', fp32([4], [1, 2, 3, 4])],
      ['forever', tensor('BOOL', [], Uint8Array.of(1))],
    ]);
    const late = client.infer({ model: 'endless', inputs }, { timeoutMs: 1000 });
    expect(await refusalOf(late)).toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    const overdue = client.infer({ model: 'endless', inputs }, { timeoutMs: 60_000 });
    expect(await refusalOf(overdue)).toMatchObject({ status: 'DEADLINE_EXCEEDED', reason: 'RUN_TIMEOUT' });
    const input = fp32([2], [1, 2]);
    expect((await client.infer({ model: 'good', inputs: new Map([['input', input]]) })).outputs.size).toBe(1);
    service.process.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, signal: null });
  });
});

import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@tributary/client';
import { grpc, tributary } from '@tributary/contract';
import { endless, fp32, identity, tensor } from '@tributary/engine/testing';
import { refusalOf, temporaryRepository, type TemporaryRepository } from '../testing';

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;

const { MODEL_STATE_READY } = tributary.model.v1.ModelState;

const good = { model: identity('FP32', ['n']) };

const endlessInputs = new Map([
  ['input', fp32([4], [1, 2, 3, 4])],
  ['forever', tensor('BOOL', [], Uint8Array.of(1))],
]);

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
  return runWith([], ...flags);
}

/** @param preloaded modules that are loaded before all others */
function runWith(preloaded: readonly string[], ...flags: string[]): ServiceRun {
  const child = fork(join(__dirname, 'toy-service.js'), ['--metrics-port', '0', ...flags], {
    silent: true,
    env: {},
    execArgv: preloaded.flatMap((module) => ['--require', module]),
  });
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

  it('SIGHUP reads the repository again: what is new serves, what is gone is forgotten, and no call is lost', async () => {
    const repository = repositoryOf({ stays: good, goes: good });
    const service = run('--repository', repository.folder);
    const client = connect(await service.serving);
    const inputs = new Map([['input', fp32([2], [1, 2])]]);
    const seen: string[][] = [];
    const calls: Promise<unknown>[] = [];
    for await (const { models } of client.stream('tributary.model.v1.ModelService/WatchModels', {})) {
      const ready = models.filter(({ state }) => state === MODEL_STATE_READY).map(({ name }) => name);
      seen.push(ready);
      if (seen.length === 1) {
        rmSync(join(repository.folder, 'goes'), { recursive: true });
        cpSync(join(repository.folder, 'stays'), join(repository.folder, 'comes'), { recursive: true });
        service.process.kill('SIGHUP');
      }
      calls.push(client.infer({ model: 'stays', inputs }));
      if (ready.join() === 'comes,stays') break;
    }
    expect(seen[0]).toEqual(['goes', 'stays']);
    expect((await client.infer({ model: 'comes', inputs })).version).toBe('1');
    expect(await refusalOf(client.infer({ model: 'goes', inputs }))).toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    await Promise.all(calls);
    service.process.kill('SIGTERM');
    const { code, log } = await service.ended;
    expect(code).toBe(0);
    expect(log).toMatch(/"loaded":\["comes\/1"\].*"unloaded":\["goes\/1"\]/);
  });

  it('case 34: a run that takes too long is stopped, its call fails, and the process goes on', async () => {
    const { folder } = repositoryOf({ good, endless: { model: endless() } });
    const service = run('--repository', folder, '--run-timeout', '1s');
    const client = connect(await service.serving);
    const forever = client.infer({ model: 'endless', inputs: endlessInputs });
    expect(await refusalOf(forever)).toMatchObject({ status: 'DEADLINE_EXCEEDED', reason: 'RUN_TIMEOUT' });
    const inputs = new Map([['input', fp32([2], [1, 2])]]);
    expect((await client.infer({ model: 'good', inputs })).version).toBe('1');
    expect(service.process.exitCode).toBeNull();
  });

  it('case 34: where runs cannot be stopped, one that does not end takes the process out of service and ends it by SIGKILL', async () => {
    const { folder } = repositoryOf({ good, endless: { model: endless() } });
    const service = runWith([join(__dirname, 'without-koffi.js')], '--repository', folder, '--run-timeout', '2s');
    const client = connect(await service.serving);
    const statuses: number[] = [];
    let onFirst = (): void => undefined;
    const connected = new Promise<void>((resolve) => (onFirst = resolve));
    const watched = (async () => {
      for await (const { status } of client.stream('grpc.health.v1.Health/Watch', {})) {
        statuses.push(status);
        onFirst();
      }
    })().catch(() => undefined);
    // Else the deadline could pass before the call has reached the model.
    await connected;
    const stuck = client.infer({ model: 'endless', inputs: endlessInputs }, { timeoutMs: 1000 });
    expect(await refusalOf(stuck)).toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    expect(await service.ended).toMatchObject({ signal: 'SIGKILL' });
    await watched;
    expect(statuses).toEqual([SERVING, NOT_SERVING]);
  });
});

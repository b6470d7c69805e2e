import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { TributaryError, type Tensor, type Tensors } from '@tributary/contract';
import { createEngine } from '../create-engine';
import type { Engine, EngineLog, EngineObserver, EngineOptions, InferRequest } from '../engine';
import { writeRepository, type RepositoryModel } from '../testing';

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Does something after the test; what was asked for last comes first. */
export function cleanUpAfterTest(cleanUp: () => Promise<void> | void): void {
  cleanUps.push(cleanUp);
}

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-engine-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A repository of the given models in a temporary folder. */
export function repositoryOf(models: Readonly<Record<string, RepositoryModel>>): string {
  const folder = temporaryFolder();
  writeRepository(folder, models);
  return folder;
}

/** Lines that an engine logged. */
export class RecordingLog implements EngineLog {
  readonly lines: { level: string; message: string; fields: object }[] = [];

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', message, fields });
  }

  has(level: string, text: string): boolean {
    return this.lines.some((line) => line.level === level && line.message.includes(text));
  }
}

/** An engine over the given models, closed after the test. One session lane unless the options say otherwise. */
export async function startEngine(
  models: Readonly<Record<string, RepositoryModel>> | string,
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const repository = typeof models === 'string' ? models : repositoryOf(models);
  const engine = await createEngine({ repository, cpuBudget: 1, ...options });
  cleanUps.push(() => engine.close());
  return engine;
}

/** A signal that nobody aborts. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** A request for the tensors of one call. */
export function request(
  model: string,
  inputs: Readonly<Record<string, Tensor>>,
  more: Partial<InferRequest> = {},
): InferRequest {
  return { model, inputs: new Map(Object.entries(inputs)), signal: neverAborted(), ...more };
}

/** The output of the given name; fails the test where there is none. */
export function output(outputs: Tensors, name: string): Tensor {
  const tensor = outputs.get(name);
  if (tensor === undefined) throw new Error(`no output ${name} among ${[...outputs.keys()].join(', ')}`);
  return tensor;
}

/** The error a promise is rejected with; fails the test where it is none of the catalogue. */
export async function refusalOf(promise: Promise<unknown>): Promise<TributaryError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TributaryError) return error;
    throw error;
  }
  throw new Error('expected a refusal, but the call was answered');
}

/** The reason a promise is refused with; 'answered' where it is not. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'answered';
  } catch (error) {
    if (error instanceof TributaryError) return error.reason;
    throw error;
  }
}

/** Resolves when an engine tells of an event for which `matches` is true. */
export function told<K extends 'batchRan' | 'inferEnded' | 'queueChanged' | 'laneRestarted' | 'taskEnded'>(
  engine: Engine,
  event: K,
  matches: (detail: Parameters<NonNullable<EngineObserver[K]>>[0]) => boolean = () => true,
): Promise<void> {
  return new Promise((resolve) => {
    const stop = engine.observe({
      [event]: (detail: Parameters<NonNullable<EngineObserver[K]>>[0]) => {
        if (!matches(detail)) return;
        stop();
        resolve();
      },
    });
  });
}

/** Resolves when `holds` is true after a change of the models' states. */
export function modelsAre(engine: Engine, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!holds()) return;
      stop();
      resolve();
    };
    const stop = engine.observe({ modelsChanged: check });
    check();
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { createEngine, type Engine, type EngineOptions } from '@tributary/engine';
import { writeRepository, type RepositoryModel } from '@tributary/engine/testing';

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-tune-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A repository of the given models in a temporary folder. */
export function repositoryOf(models: Readonly<Record<string, RepositoryModel>>): string {
  const folder = temporaryFolder();
  writeRepository(folder, models);
  return folder;
}

/** An engine of one core over the given models, closed after the test. */
export async function startEngine(
  models: Readonly<Record<string, RepositoryModel>> | string,
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const repository = typeof models === 'string' ? models : repositoryOf(models);
  const engine = await createEngine({ repository, cpuBudget: 1, ...options });
  cleanUps.push(() => engine.close());
  return engine;
}

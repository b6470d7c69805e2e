import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRepository, type RepositoryModel } from '@tributary/engine/testing';

/** A model repository in a folder of its own, and how to remove it. */
export interface TemporaryRepository {
  readonly folder: string;
  remove(): void;
}

export function temporaryRepository(models: Readonly<Record<string, RepositoryModel>>): TemporaryRepository {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-models-'));
  writeRepository(folder, models);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

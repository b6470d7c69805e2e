import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What to lay down for one model: its graph as version 1, or files by path inside the model's folder. */
export interface RepositoryModel {
  /** Bytes of `1/model.onnx`. */
  readonly model?: Uint8Array;
  /** Written as `model.json`. */
  readonly settings?: unknown;
  /** Further files, e.g. `{ '2/model.onnx': bytes, '1/labels.txt': 'cat\ndog' }`. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

/** Writes a model repository below `folder`, which is made where missing. */
export function writeRepository(folder: string, models: Readonly<Record<string, RepositoryModel>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, { model, settings, files }] of Object.entries(models)) {
    const write = (path: string, content: Uint8Array | string): void => {
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    };
    mkdirSync(join(folder, name), { recursive: true });
    if (model !== undefined) write('1/model.onnx', model);
    if (settings !== undefined) write('model.json', JSON.stringify(settings, null, 1));
    for (const [path, content] of Object.entries(files ?? {})) write(path, content);
  }
}

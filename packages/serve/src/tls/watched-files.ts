import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error';

/** A file of the operator's, and the setting that names it. */
export interface NamedFile {
  readonly setting: string;
  readonly path: string;
}

export interface WatchedFilesOptions<Value> {
  readonly files: readonly NamedFile[];
  /**
   * Makes a value of what the files hold, in their order.
   * @throws StartError where that is not what it should be
   */
  readonly parse: (contents: readonly Buffer[]) => Value;
  readonly log: Logger;
}

/** Some file systems (network mounts, a few overlays) tell nothing of changes; there a new content is found this late. */
const recheckMs = 30_000;

/**
 * What some files hold, and hold later: they are read again when their folders change, which is also how Kubernetes swaps a mounted
 * Secret. What cannot be read or parsed, as while it is half-written, changes nothing but the log: the value before stays.
 */
export class WatchedFiles<Value> {
  private contents: readonly Buffer[];
  private ownValue: Value;
  /** What could not be used, so that it is said once. */
  private faulty: readonly Buffer[] | undefined;
  private checkIsDue = false;
  private readonly listeners = new Set<(value: Value) => void>();
  private readonly watchers: readonly FSWatcher[];
  private readonly recheck: NodeJS.Timeout;

  /** @throws StartError where the files cannot be used now */
  constructor(private readonly options: WatchedFilesOptions<Value>) {
    this.contents = options.files.map(readNamed);
    this.ownValue = options.parse(this.contents);
    const folders = new Set(options.files.map(({ path }) => dirname(path)));
    this.watchers = [...folders].flatMap((folder) => this.watch(folder));
    this.recheck = setInterval(() => this.check(), recheckMs).unref();
  }

  get value(): Value {
    return this.ownValue;
  }

  /** Calls back with every new value. */
  onChange(listener: (value: Value) => void): void {
    this.listeners.add(listener);
  }

  close(): void {
    clearInterval(this.recheck);
    for (const watcher of this.watchers) watcher.close();
    this.listeners.clear();
  }

  private watch(folder: string): FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.checkSoon());
      // The folder itself may go away; the timer goes on.
      watcher.on('error', () => undefined);
      return [watcher];
    } catch {
      // Where there are no watches left, the timer has to do.
      return [];
    }
  }

  /** A change of a file comes as several events. */
  private checkSoon(): void {
    if (this.checkIsDue) return;
    this.checkIsDue = true;
    setImmediate(() => {
      this.checkIsDue = false;
      this.check();
    });
  }

  /** The files are small and seldom change, so that reading them at once holds up nobody. */
  private check(): void {
    const names = this.options.files.map(({ setting }) => setting).join(', ');
    let contents: readonly Buffer[] = [];
    try {
      contents = this.options.files.map(readNamed);
      if (isSame(contents, this.contents) || isSame(contents, this.faulty)) return;
      this.ownValue = this.options.parse(contents);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const isNew = this.faulty === undefined || !isSame(contents, this.faulty);
      this.faulty = contents;
      if (isNew)
        this.options.log.warn(
          { problem: error.message },
          `${names}: the new content cannot be used; the old one stays`,
        );
      return;
    }
    this.contents = contents;
    this.faulty = undefined;
    this.options.log.info(`${names}: a new content is in use`);
    for (const listener of this.listeners) listener(this.ownValue);
  }
}

function isSame(some: readonly Buffer[], others: readonly Buffer[] | undefined): boolean {
  return some.length === others?.length && some.every((content, index) => content.equals(others[index]!));
}

function readNamed({ setting, path }: NamedFile): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`cannot read ${setting} (${path}): ${causes.get(code) ?? String(code)}`, { cause: error });
  }
}

const causes: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission is denied'],
  ['EISDIR', 'it is a folder'],
]);

import { loadNative, type Pointer } from '../ort/native';

/**
 * Calls of Linux that Node does not have: memory that processes share, doorbells, limits. All of them are cheap and are made on the
 * thread that asks. They throw an Error that names the call and its errno, unless they say otherwise.
 */
export class Linux {
  private readonly native = loadNative();
  private readonly libc = this.native.load(null);
  private readonly calls = {
    memfdCreate: this.libc.func('memfd_create', 'int', ['str', 'uint']),
    ftruncate: this.libc.func('ftruncate', 'int', ['int', 'int64']),
    fcntl: this.libc.func('fcntl', 'int', ['int', 'int', 'int']),
    fallocate: this.libc.func('fallocate', 'int', ['int', 'int', 'int64', 'int64']),
    mmap: this.libc.func('mmap', 'intptr_t', ['intptr_t', 'size_t', 'int', 'int', 'int', 'int64']),
    eventfd: this.libc.func('eventfd', 'int', ['uint', 'int']),
    pipe2: this.libc.func('pipe2', 'int', ['void *', 'int']),
    read: this.libc.func('read', 'int64', ['int', 'void *', 'size_t']),
    write: this.libc.func('write', 'int64', ['int', 'void *', 'size_t']),
    getrlimit: this.libc.func('getrlimit', 'int', ['int', 'void *']),
    setrlimit: this.libc.func('setrlimit', 'int', ['int', 'void *']),
    prctl: this.libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']),
    getppid: this.libc.func('getppid', 'int', []),
    exit: this.libc.func('_exit', 'void', ['int']),
    mallocTrim: this.libc.func('malloc_trim', 'int', ['size_t']),
    clockGettime: this.libc.func('clock_gettime', 'int', ['int', 'void *']),
  };
  /** What is written into a doorbell: the number 1, as an eventfd wants it. */
  private readonly one = new BigUint64Array([1n]);
  private readonly heard = new BigUint64Array(1);
  private readonly time = new BigInt64Array(2);

  /** A file in memory, without a name and without a size, that exec does not hand on. Not part of /dev/shm, whose size does not matter. */
  createMemory(): number {
    const [closeOnExec, allowSealing, noExec] = [1, 2, 8];
    const file = Number(this.calls.memfdCreate('tributary', closeOnExec | allowSealing | noExec));
    // Linux before 6.3 does not know the last flag.
    return file >= 0 ? file : this.ok(this.calls.memfdCreate('tributary', closeOnExec | allowSealing), 'memfd_create');
  }

  /** Sets the size of a file in memory for ever: made smaller, it would be a SIGBUS for all who map it. */
  sizeMemory(file: number, bytes: number): void {
    this.ok(this.calls.ftruncate(file, bytes), 'ftruncate');
    const [addSeals, seal, shrink, grow] = [1033, 1, 2, 4];
    this.ok(this.calls.fcntl(file, addSeals, seal | shrink | grow), 'F_ADD_SEALS');
  }

  /** Maps a file in memory for the life of the process, because nothing would keep the pages of a view of it. */
  map(file: number, bytes: number): Pointer {
    const [readWrite, shared] = [3, 1];
    const address = Number(this.calls.mmap(0, bytes, readWrite, shared, file, 0));
    if (address === -1) this.ok(-1, 'mmap');
    return BigInt(address);
  }

  /** The bytes at an address as an ArrayBuffer, which holds nothing. */
  view(address: Pointer, bytes: number): ArrayBuffer {
    return this.native.view(address, bytes);
  }

  /** Gives pages of a file in memory back to the system; they read as zeros afterwards. */
  punch(file: number, offset: number, bytes: number): void {
    const keepSizePunchHole = 3;
    this.ok(this.calls.fallocate(file, keepSizePunchHole, offset, bytes), 'fallocate');
  }

  /** A doorbell that a thread waits for: `ring` wakes it, also where it comes first. Closed on exec. */
  createBell(): number {
    const closeOnExec = 0o2000000;
    return this.ok(this.calls.eventfd(0, closeOnExec), 'eventfd');
  }

  /** A doorbell that an event loop hears. Closed on exec; neither end blocks. */
  createPipe(): { readonly readEnd: number; readonly writeEnd: number } {
    const ends = new Int32Array(2);
    const closeOnExecNonBlocking = 0o2004000;
    this.ok(this.calls.pipe2(ends, closeOnExecNonBlocking), 'pipe2');
    return { readEnd: ends[0]!, writeEnd: ends[1]! };
  }

  /** Rings a doorbell of either kind. A full one has been rung already. */
  ring(bell: number): void {
    this.calls.write(bell, this.one, 8);
  }

  /** Blocks the thread until the doorbell of `createBell` was rung since the last time; returns early at times. */
  await(bell: number): void {
    this.calls.read(bell, this.heard, 8);
  }

  /** Sets the soft limit of this process, which may raise it again; Infinity: the hard one. */
  limitData(bytes: number): void {
    const data = 2;
    const limits = new BigUint64Array(2);
    this.ok(this.calls.getrlimit(data, limits), 'getrlimit');
    const hard = limits[1]!;
    const wanted = Number.isFinite(bytes) ? BigInt(Math.floor(bytes)) : hard;
    limits[0] = wanted < hard ? wanted : hard;
    this.ok(this.calls.setrlimit(data, limits), 'setrlimit');
  }

  /** No memory of this process is written to a core file. */
  forbidCore(): void {
    const core = 4;
    this.ok(this.calls.setrlimit(core, new BigUint64Array(2)), 'setrlimit');
  }

  /** Ends this process with the thread that started it, or at once where that is gone. */
  dieWith(parent: number): void {
    const [setDeathSignal, kill] = [1, 9];
    this.ok(this.calls.prctl(setDeathSignal, kill, 0, 0, 0), 'prctl');
    if (Number(this.calls.getppid()) !== parent) this.exit(0);
  }

  /** Ends the process without handlers and without waiting for its threads, which may be in native code or asleep. */
  exit(code: number): void {
    this.calls.exit(code);
  }

  /** Gives memory that malloc keeps back to the system; on a thread of libuv's pool. */
  trim(): Promise<void> {
    return new Promise((resolve) => {
      this.calls.mallocTrim.async(0, () => resolve());
    });
  }

  /** CPU time of the calling thread in microseconds. */
  threadCpuUs(): number {
    const threadCpuTime = 3;
    this.calls.clockGettime(threadCpuTime, this.time);
    return Number(this.time[0]) * 1e6 + Number(this.time[1]) / 1e3;
  }

  private ok(result: unknown, call: string): number {
    const number = Number(result);
    if (number < 0) throw new Error(`${call}: errno ${this.native.errno()}`);
    return number;
  }
}

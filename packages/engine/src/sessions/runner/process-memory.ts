import { readFileSync } from 'node:fs';

/** Private writable memory of this process, which RLIMIT_DATA bounds (proc(5)). Takes some 10 us. */
export function dataBytes(): number {
  return statusBytes('VmData');
}

/** Memory of this process without what it shares with others. */
export function residentBytes(): number {
  return statusBytes('RssAnon') + statusBytes('RssFile');
}

/** What may be reserved by others than V8: stacks of threads, arenas of glibc. */
const mostOtherReservedBytes = 256 * 2 ** 20;

/**
 * Address space that V8 reserves for an isolate, of which RLIMIT_DATA counts every byte although nothing is in it: half a GiB in Node 24,
 * none before. To be asked on the main thread while it is the only one.
 */
export function isolateReservedBytes(): number {
  const reservedBytes = dataBytes() - statusBytes('RssAnon');
  return reservedBytes > mostOtherReservedBytes ? reservedBytes : 0;
}

function statusBytes(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

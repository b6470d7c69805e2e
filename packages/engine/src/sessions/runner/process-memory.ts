import { readFileSync } from 'node:fs';

/** Private writable memory of this process, which RLIMIT_DATA bounds (proc(5)). Takes some 10 us. */
export function dataBytes(): number {
  return statusBytes('VmData');
}

/** Memory of this process without what it shares with others. */
export function residentBytes(): number {
  return statusBytes('RssAnon') + statusBytes('RssFile');
}

function statusBytes(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

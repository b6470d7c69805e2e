import type { EngineLog, Isolation } from '../engine';
import { RunnerHost } from './runner/runner-host';
import type { SessionHost, SessionHostEvents } from './session-host';
export function openSessionHost(options: { isolation: Isolation; lanes: number; maxOutputBytes: number; runMemoryBytes: number | undefined; log: EngineLog }, events: SessionHostEvents): SessionHost {
  return new RunnerHost({ isolation: options.isolation === 'runner' ? 'process' : 'thread', lanes: options.lanes, maxOutputBytes: options.maxOutputBytes, runMemoryBytes: options.runMemoryBytes ?? 2 ** 30, memoryLimitBytes: Infinity, sharedBytes: 2 ** 29, events });
}

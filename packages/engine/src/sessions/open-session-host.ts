import type { EngineLog, Isolation } from '../engine';
import type { SessionHost, SessionHostEvents } from './session-host';
export function openSessionHost(options: { isolation: Isolation; lanes: number; maxOutputBytes: number; runMemoryBytes: number | undefined; log: EngineLog }, events: SessionHostEvents): SessionHost { void options; void events; throw new Error('stub'); }

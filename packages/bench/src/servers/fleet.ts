import { join } from 'node:path';
import { ChildProgram } from '../process/child-program';
import type { ProcessGroup } from '../process/process-group';
import type { MeasuredServer } from './measured-server';

/** Changes of what servers serve, one after the other: each stops to have its model ready, or has it ready again. */
export interface FleetChanges {
  readonly count: number;
  readonly pauseMs: number;
}

/** The questions that a process with many servers answers. */
export interface FleetProgram {
  /** Starts so many more on free ports of this machine, and tells these. */
  listen(plan: { readonly count: number; readonly answer: Uint8Array }): Promise<number[]>;
  /** Calls that all of them have answered. */
  answered(nothing: undefined): Promise<number>;
  /** Resolves once all have been told to whoever watches. */
  change(changes: FleetChanges): Promise<void>;
}

/** Servers that share a process. */
export interface Fleet {
  readonly pid: number;
  readonly servers: readonly MeasuredServer[];
  answered(): Promise<number>;
  change(changes: FleetChanges): Promise<void>;
}

/** Starts so many servers in one process; each is an upstream with the model `echo`, and answers it with the same bytes every time. */
export async function startFleet(group: ProcessGroup, count: number, answer: Uint8Array): Promise<Fleet> {
  const program = new ChildProgram<FleetProgram>(group, 'fleet', join(__dirname, 'fleet-process.js'));
  const ports = await program.ask('listen', { count, answer });
  const { pid } = program;
  return {
    pid,
    servers: ports.map((port) => ({ name: 'fleet', port, pid })),
    answered: () => program.ask('answered', undefined),
    change: (changes) => program.ask('change', changes),
  };
}

import { join } from 'node:path';
import { ChildProgram } from '../process/child-program';
import type { ProcessGroup } from '../process/process-group';
import type { GeneratorProgram, LoadPlan, LoadResult } from './load-plan';

/** The load generator, in its own process. One load at a time. */
export class LoadGenerator {
  private readonly program: ChildProgram<GeneratorProgram>;

  constructor(group: ProcessGroup) {
    this.program = new ChildProgram(group, 'load generator', join(__dirname, 'generator-process.js'));
  }

  /** Id of its process. */
  get pid(): number {
    return this.program.pid;
  }

  /** Ends its process. */
  end(): Promise<void> {
    return this.program.end();
  }

  /** Puts a load on a server of this machine. Fails where no connection can be made. */
  run(plan: LoadPlan): Promise<LoadResult> {
    return this.program.ask('run', plan);
  }
}

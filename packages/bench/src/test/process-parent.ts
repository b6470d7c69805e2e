import { join } from 'node:path';
import { ChildProgram } from '../process/child-program';
import { ProcessGroup } from '../process/process-group';
import type { EchoProgram } from '../servers/echo-process';

// Starts a process as the bench does and tells its number; the test then kills this one.
const program = new ChildProgram<EchoProgram>(
  new ProcessGroup(),
  'echo',
  join(__dirname, '../servers/echo-process.js'),
);
void program.ask('answered', undefined).then(() => process.send?.(program.pid));

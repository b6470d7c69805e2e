import { join } from 'node:path';
import { ChildProgram } from '../process/child-program';
import type { ProcessGroup } from '../process/process-group';
import type { EchoProgram, EchoService } from './echo-process';
import type { MeasuredServer } from './measured-server';

/** Starts stock grpc-js in a process of its own; it answers one method with the same bytes every time. */
export function startEchoServer(group: ProcessGroup, service: EchoService): Promise<MeasuredServer> {
  return start(group, 'grpc-js echo', 'echo-process.js', service);
}

/** Starts our server in a process of its own, with all it does for a call; it answers one method with the same bytes every time. */
export function startDoorServer(group: ProcessGroup, service: EchoService): Promise<MeasuredServer> {
  return start(group, 'our server', 'door-process.js', service);
}

/** Starts the least that can answer gRPC on node:http2, in a process of its own. */
export function startBareHttp2Server(group: ProcessGroup, service: EchoService): Promise<MeasuredServer> {
  return start(group, 'bare node:http2', 'bare-http2-process.js', service);
}

async function start(group: ProcessGroup, name: string, module: string, service: EchoService): Promise<MeasuredServer> {
  const program = new ChildProgram<EchoProgram>(group, name, join(__dirname, module));
  const port = await program.ask('listen', service);
  return { name, port, pid: program.pid, answered: () => program.ask('answered', undefined) };
}

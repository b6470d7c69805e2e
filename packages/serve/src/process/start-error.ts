/**
 * A process cannot start, for a reason that its operator can mend. Its message is what the operator sees, so it names the cause
 * and the cure; without a stack, since nothing is wrong with the program.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What a port is for. */
export type ListenerUse = 'gRPC' | 'metrics' | 'probes';

const flags: Readonly<Record<ListenerUse, string>> = {
  gRPC: '--grpc-port',
  metrics: '--metrics-port',
  probes: '--probe-port',
};

/** Why a port could not be had, and what to do. */
export function bindFailure(error: unknown, use: ListenerUse, host: string, port: number): StartError {
  const flag = flags[use];
  const text = String(error);
  const [cause, cure] = text.includes('EADDRINUSE')
    ? ['it is in use', `stop the process that has it, or choose another with ${flag}`]
    : text.includes('EACCES')
      ? ['permission is denied', `ports below 1024 need privileges; choose another with ${flag}`]
      : text.includes('EADDRNOTAVAIL') || text.includes('ENOTFOUND') || text.includes('resolution failed')
        ? [`this machine has no address '${host}'`, 'choose another with --host']
        : ['the system refused', 'see the log'];
  return new StartError(`cannot listen on port ${port} of ${host} for ${use}: ${cause}; ${cure}`, { cause: error });
}

import type { Upstream } from '@tributary/client';
import { rpcMethods } from '@tributary/contract';
import type { HealthSource, HealthStatus } from '@tributary/serve';
import { openInference } from './resolve-call';
import type { RoutingTable } from './routing-table';

const modelPrefix = 'model/';

/**
 * Health of the router. It is ready while any upstream is: one service that is down must not take the others' calls away with
 * it, and says so under its own names. Only at its start it waits for the first sight of all. `model/<name>` is SERVING while somebody answers for the model, a task
 * service while any of its RPCs has somebody to answer.
 */
export class RouterHealth implements HealthSource {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly table: RoutingTable,
    private readonly upstreams: () => readonly Upstream[],
    private readonly hasSeenAll: () => boolean,
  ) {}

  ready(): boolean {
    return this.hasSeenAll() && this.upstreams().some(({ state }) => state === 'READY');
  }

  status(name: string): HealthStatus | undefined {
    if (name.startsWith(modelPrefix)) {
      const route = this.table.model(name.slice(modelPrefix.length));
      return route === undefined ? undefined : serving(!route.conflict && route.ready.length > 0);
    }
    const methods = taskMethods.get(name);
    if (methods === undefined) return undefined;
    return serving(
      this.table
        .list()
        .some((route) => !route.conflict && route.ready.length > 0 && methods.some((path) => route.methods.has(path))),
    );
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** To be called after every change of the routing table. */
  changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Paths of the RPCs that are about a model, by service, without Open Inference, which fits every model. */
const taskMethods = new Map<string, string[]>();
for (const { path, service, modelNameField } of rpcMethods.values()) {
  if (modelNameField === undefined || service === openInference) continue;
  taskMethods.set(service, [...(taskMethods.get(service) ?? []), path]);
}

function serving(yes: boolean): HealthStatus {
  return yes ? 'SERVING' : 'NOT_SERVING';
}

import { setTimeout as pause } from 'node:timers/promises';
import type { DeployedSystem, DeploymentName, Pod } from './system';

const pollMs = 500;

interface Seen {
  /** Calls of earlier lives of the pod's container. */
  before: number;
  last: number;
}

/**
 * Counts the calls that the pods of a Deployment say they have ended (`tributary_grpc_requests_total`), over pods that come and go: each
 * is asked twice a second, and what one has said last still counts when it is gone.
 */
export class ServerCount {
  private readonly seen = new Map<string, Seen>();
  private readonly stopped = new AbortController();
  private readonly polling: Promise<void>;

  constructor(
    private readonly system: DeployedSystem,
    private readonly name: DeploymentName,
    private readonly paths: ReadonlySet<string>,
  ) {
    this.polling = this.poll();
  }

  /** Calls since the start, once more asked. */
  async total(): Promise<number> {
    await this.ask();
    return [...this.seen.values()].reduce((sum, { before, last }) => sum + before + last, 0);
  }

  /** Calls by name of the pod. */
  async byPod(): Promise<ReadonlyMap<string, number>> {
    await this.ask();
    return new Map([...this.seen].map(([pod, { before, last }]) => [pod, before + last]));
  }

  async close(): Promise<void> {
    this.stopped.abort();
    await this.polling;
  }

  private async poll(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.ask().catch(() => undefined);
      await pause(pollMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  private async ask(): Promise<void> {
    const pods = await this.system.cluster.kubectl.list<Pod>(
      'pods',
      'tributary',
      `app.kubernetes.io/name=${this.name}`,
    );
    await Promise.all(pods.map((pod) => this.askPod(pod)));
  }

  private async askPod(pod: Pod): Promise<void> {
    if (pod.status.podIP === undefined) return;
    const text = await fetch(`http://${pod.status.podIP}:8002/metrics`, { signal: AbortSignal.timeout(2_000) })
      .then((response) => response.text())
      .catch(() => undefined);
    if (text === undefined) return;
    const count = sumOf(text, this.paths);
    const seen = this.seen.get(pod.metadata.name) ?? { before: 0, last: 0 };
    // A counter that went back belongs to a container that was started anew.
    if (count < seen.last) seen.before += seen.last;
    seen.last = count;
    this.seen.set(pod.metadata.name, seen);
  }
}

function sumOf(metrics: string, paths: ReadonlySet<string>): number {
  let sum = 0;
  for (const [, method = '', value] of metrics.matchAll(
    /^tributary_grpc_requests_total\{.*?method="([^"]*)".*?\} (\S+)$/gm,
  )) {
    if (paths.has(method)) sum += Number(value);
  }
  return sum;
}

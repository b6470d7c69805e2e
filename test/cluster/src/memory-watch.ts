import { setTimeout as pause } from 'node:timers/promises';
import { deployments, type DeployedSystem } from './system';

/** Watches how large the pods' processes get. */
export class MemoryWatch {
  /** Largest proportional set size in bytes by Deployment. */
  readonly largest: Record<string, number> = {};
  private readonly stopped = new AbortController();
  private readonly watching: Promise<void>;

  constructor(private readonly system: DeployedSystem) {
    this.watching = this.watch();
  }

  async close(): Promise<void> {
    this.stopped.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      for (const name of deployments) {
        const pods = await this.system.pods(name).catch(() => []);
        for (const pod of pods) {
          // Pods that are only starting have no process yet, those that end have none any more.
          const bytes = await this.system.memoryOf(pod).catch(() => 0);
          this.largest[name] = Math.max(this.largest[name] ?? 0, bytes);
        }
      }
      await pause(10_000, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }
}

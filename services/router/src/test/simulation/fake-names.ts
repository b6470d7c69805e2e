/** Names whose addresses change when somebody says so. A lookup that would bring nothing new waits for the next change. */
export class FakeNames {
  private readonly addresses = new Map<string, () => readonly string[]>();
  private readonly ownWaiting = new Set<() => void>();
  private changes = 0;

  set(host: string, addresses: () => readonly string[]): void {
    this.addresses.set(host, addresses);
  }

  /** Lookups that have seen the last change and wait for the next. */
  get waiting(): number {
    return this.ownWaiting.size;
  }

  changed(): void {
    this.changes += 1;
    const waiting = [...this.ownWaiting];
    this.ownWaiting.clear();
    for (const wake of waiting) wake();
  }

  /** A resolver of one router, as ResolveHost. */
  resolver(): (host: string) => Promise<readonly string[]> {
    const seen = new Map<string, number>();
    return async (host) => {
      if (seen.get(host) === this.changes) await new Promise<void>((resolve) => this.ownWaiting.add(resolve));
      seen.set(host, this.changes);
      return this.addresses.get(host)?.() ?? [];
    };
  }
}

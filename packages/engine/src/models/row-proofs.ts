/** Asks for the proof of one signature; resolves with whether its rows may share a run. */
export type ProveSignature = (signature: string) => Promise<boolean>;

/** Signatures that are remembered; texts have as many lengths as they have tokens. */
const mostSignatures = 8192;

/**
 * Remembers for which request signatures it was proved that rows may share a run. A signature that was never seen runs alone while its
 * proof is made off the event loop.
 */
export class RowProofs {
  private readonly verdicts = new Map<string, boolean>();
  private readonly asked = new Set<string>();

  /** @param prove undefined: every signature may share a run, by its owner's word; or none may, where `constant` is false */
  private constructor(
    private readonly prove: ProveSignature | undefined,
    private readonly constant: boolean,
  ) {}

  /** Every signature (true) or none (false) may share a run. */
  static always(verdict: boolean): RowProofs {
    return new RowProofs(undefined, verdict);
  }

  static by(prove: ProveSignature): RowProofs {
    return new RowProofs(prove, false);
  }

  /** Whether rows of this signature may share a run, as far as is known now. */
  allows(signature: string): boolean {
    if (this.prove === undefined) return this.constant;
    const known = this.verdicts.get(signature);
    if (known === undefined) void this.ask(signature);
    return known === true;
  }

  /** Makes the proof of a signature where it is missing; resolves when the verdict is known. */
  async ask(signature: string): Promise<boolean> {
    if (this.prove === undefined) return this.constant;
    const known = this.verdicts.get(signature);
    if (known !== undefined || this.asked.has(signature)) return known === true;
    this.asked.add(signature);
    let verdict = false;
    try {
      verdict = await this.prove(signature);
      this.remember(signature, verdict);
    } catch {
      // The thread that proves was lost: the next request of this signature asks again.
    }
    this.asked.delete(signature);
    return verdict;
  }

  private remember(signature: string, verdict: boolean): void {
    if (this.verdicts.size >= mostSignatures) {
      const [oldest] = this.verdicts.keys();
      if (oldest !== undefined) this.verdicts.delete(oldest);
    }
    this.verdicts.set(signature, verdict);
  }
}

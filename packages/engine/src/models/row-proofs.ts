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
  private readonly asked = new Map<string, Promise<boolean>>();

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

  /** Whether rows of this signature may share a run; undefined: that is not known yet, see `ask`. */
  look(signature: string): boolean | undefined {
    return this.prove === undefined ? this.constant : this.verdicts.get(signature);
  }

  /** Makes the proof of a signature where it is missing. Resolves with the verdict; false where the proof could not be made. */
  ask(signature: string): Promise<boolean> {
    const known = this.look(signature);
    if (known !== undefined) return Promise.resolve(known);
    const asked = this.asked.get(signature) ?? this.make(signature);
    this.asked.set(signature, asked);
    return asked;
  }

  private async make(signature: string): Promise<boolean> {
    try {
      const verdict = await this.prove!(signature);
      this.remember(signature, verdict);
      return verdict;
    } catch {
      // The thread that proves was lost: the next request of this signature asks again.
      return false;
    } finally {
      this.asked.delete(signature);
    }
  }

  private remember(signature: string, verdict: boolean): void {
    if (this.verdicts.size >= mostSignatures) {
      const [oldest] = this.verdicts.keys();
      if (oldest !== undefined) this.verdicts.delete(oldest);
    }
    this.verdicts.set(signature, verdict);
  }
}

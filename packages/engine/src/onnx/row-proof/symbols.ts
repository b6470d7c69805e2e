import { Poly, type Atom, type AtomFacts, type AtomOwner, type Term } from './poly';

/**
 * The atoms of one proof. They are never shared between proofs: what is known of a size in one graph says nothing about another.
 */
export class Symbols implements AtomOwner {
  private readonly atoms = new Map<string, Atom>();
  private readonly sizes = new Set<string>();

  readonly rowCount = this.named('N', { variesWithRows: true, least: 1 });
  readonly rowPosition = this.named('#n', { variesWithRows: true, least: 0 });

  /**
   * An unknown number that is told from others by its name. Without `least` nothing is known of its value: it is wild.
   * @param label what people read
   */
  named(
    name: string,
    {
      variesWithRows = false,
      least,
      label = name,
    }: { variesWithRows?: boolean; least?: number | undefined; label?: string },
  ): Poly {
    const facts = { variesWithRows, least, isWild: least === undefined, isReal: false };
    return this.intern(`name ${name}`, facts, () => label, undefined, []);
  }

  /** The result of an operation that polynomials cannot express. */
  opaque(
    operation: string,
    operands: readonly Term[],
    { least, isReal = false }: { least?: number | undefined; isReal?: boolean } = {},
  ): Poly {
    const polys = operands.filter((operand) => operand instanceof Poly);
    const facts = {
      variesWithRows: polys.some((poly) => poly.variesWithRows),
      least,
      isWild: polys.some((poly) => poly.isWild),
      isReal,
    };
    const keys = operands.map((operand) => (operand instanceof Poly ? operand.key : `${operand}r`)).join();
    let written: string | undefined;
    // Written once: operands nest, and each may stand in several of the others.
    const label = (): string =>
      (written ??= `${operation}(${operands.map((operand) => shortened(String(operand))).join()})`);
    return this.intern(`${isReal ? 'real ' : 'whole '}${operation}(${keys})`, facts, label, operation, operands);
  }

  /** Remembers that a polynomial is the size of a tensor, so not negative. */
  noteSize(size: Poly): void {
    if (size.constant === undefined && !size.isAtLeast(0)) this.sizes.add(size.key);
  }

  isSize(poly: Poly): boolean {
    return this.sizes.has(poly.key);
  }

  /** Rounds `dividend / divisor` down. */
  floorDivided(dividend: Poly, divisor: number): Poly {
    const { whole, rest } = dividend.splitBy(divisor);
    if (rest.constant !== undefined) return whole;
    const least = rest.least === undefined ? undefined : Math.floor(rest.least / divisor);
    return whole.plus(this.opaque('floor', [rest, Poly.of(divisor)], { least }));
  }

  /** Size that two sizes are broadcast to: a run needs them to be equal, or one of them to be 1. */
  broadcast(a: Poly, b: Poly): Poly {
    if (a.equals(b) || b.equals(Poly.one)) return a;
    if (a.equals(Poly.one)) return b;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (one.isAtLeast(2)) return one;
      // A slice cut to `one` out of enough: another size would end the run.
      const { onlyAtom } = other;
      if (onlyAtom?.operation === 'min' && one.equals(onlyAtom.operands[0])) return one;
    }
    return this.opaque('broadcast', a.key < b.key ? [a, b] : [b, a], { least: 1 });
  }

  private intern(
    key: string,
    facts: AtomFacts,
    label: () => string,
    operation: string | undefined,
    operands: readonly Term[],
  ): Poly {
    let atom = this.atoms.get(key);
    if (atom === undefined) {
      atom = { ...facts, id: this.atoms.size, symbols: this, label, operation, operands };
      this.atoms.set(key, atom);
    }
    return Poly.atom(atom);
  }
}

/** Labels nest; a reason that is read by a person must not. */
function shortened(label: string): string {
  return label.length > 40 ? `${label.slice(0, 40)}...` : label;
}

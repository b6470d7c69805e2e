import { NotProved } from './not-proved';

/** Most terms of a polynomial: sizes of real graphs have fewer than ten. */
const maxTerms = 64;

const constants = new Map<number, Poly>();
const maxConstants = 4096;

/** What is known of an unknown number. */
export interface AtomFacts {
  /** Whether it varies with the number of rows or with the place of a row. */
  readonly variesWithRows: boolean;
  /** Least value; undefined where none is known. */
  readonly least: number | undefined;
  /** Whether it may be 0 or -1, which mean something else in a shape: it comes from contents that are no sizes. */
  readonly isWild: boolean;
  /** Whether it need not be whole. */
  readonly isReal: boolean;
}

/** The atoms of one proof, as far as a polynomial asks them. */
export interface AtomOwner {
  /** The number of rows of a run, at least 1, and the place of a row in it, at least 0. */
  readonly rowCount: Poly;
  readonly rowPosition: Poly;
  /** Whether a polynomial is the size of a tensor, so not negative. */
  isSize(poly: Poly): boolean;
}

/** An unknown number: a size, or an operation on sizes that polynomials cannot express. Interned: one object a meaning. */
export interface Atom extends AtomFacts {
  readonly id: number;
  readonly symbols: AtomOwner;
  readonly label: () => string;
  /** The operation and what it is applied to, where the atom is one. */
  readonly operation: string | undefined;
  readonly operands: readonly Term[];
}

/** A known element: a whole number as a polynomial, or a real number that is not whole. */
export type Term = Poly | number;

/** Product of powers of atoms, ordered by the atoms' ids. */
type Powers = readonly (readonly [atom: Atom, exponent: number])[];

interface Monomial {
  readonly powers: Powers;
  readonly coefficient: number;
}

/** A polynomial with whole coefficients over atoms. Two are equal where their keys are. */
export class Poly {
  static readonly zero = Poly.of(0);
  static readonly one = Poly.of(1);
  static readonly minusOne = Poly.of(-1);

  readonly key: string;
  private leastValue: number | undefined;
  private leastIsKnown = false;

  private constructor(private readonly monomials: ReadonlyMap<string, Monomial>) {
    this.key = [...monomials]
      .map(([powers, { coefficient }]) => `${coefficient}*${powers}`)
      .sort()
      .join('+');
  }

  /** The constant `value`, a whole number. */
  static of(value: number): Poly {
    let poly = constants.get(value);
    if (poly === undefined) {
      poly = new Poly(value === 0 ? new Map() : new Map([['', { powers: [], coefficient: value }]]));
      // Shared by all proofs: a constant has no atoms.
      if (constants.size < maxConstants) constants.set(value, poly);
    }
    return poly;
  }

  static atom(atom: Atom): Poly {
    const powers: Powers = [[atom, 1]];
    return new Poly(new Map([[keyOf(powers), { powers, coefficient: 1 }]]));
  }

  static sum(polys: readonly Poly[]): Poly {
    return polys.reduce((sum, poly) => sum.plus(poly), Poly.zero);
  }

  static product(polys: readonly Poly[]): Poly {
    return polys.reduce((product, poly) => product.times(poly), Poly.one);
  }

  /** The number, where it is one. */
  get constant(): number | undefined {
    if (this.monomials.size === 0) return 0;
    return this.monomials.size === 1 ? this.monomials.get('')?.coefficient : undefined;
  }

  get atoms(): Set<Atom> {
    const atoms = new Set<Atom>();
    for (const { powers } of this.monomials.values()) for (const [atom] of powers) atoms.add(atom);
    return atoms;
  }

  get variesWithRows(): boolean {
    return this.some((atom) => atom.variesWithRows);
  }

  get isWild(): boolean {
    return this.some((atom) => atom.isWild);
  }

  get isReal(): boolean {
    return this.some((atom) => atom.isReal);
  }

  /** A lower bound, or undefined where none is known. */
  get least(): number | undefined {
    if (this.constant !== undefined) return this.constant;
    if (this.isKnownSize()) return 0;
    if (!this.leastIsKnown) {
      this.leastValue = this.computeLeast();
      this.leastIsKnown = true;
    }
    return this.leastValue;
  }

  /** The only atom of a polynomial that is nothing but it. */
  get onlyAtom(): Atom | undefined {
    if (this.monomials.size !== 1) return undefined;
    const { powers, coefficient } = this.leading();
    const [first] = powers;
    return coefficient === 1 && powers.length === 1 && first?.[1] === 1 ? first[0] : undefined;
  }

  /** Whether it is at least `bound` for all values of its atoms. */
  isAtLeast(bound: number): boolean {
    const { least } = this;
    return least !== undefined && least >= bound;
  }

  equals(other: Term | undefined): boolean {
    return other instanceof Poly && this.key === other.key;
  }
  plus(other: Poly): Poly {
    const sum = new Map(this.monomials);
    for (const [key, monomial] of other.monomials) add(sum, key, monomial.powers, monomial.coefficient);
    return Poly.from(sum);
  }

  minus(other: Poly): Poly {
    return this.plus(other.negated());
  }

  negated(): Poly {
    return this.mapCoefficients((coefficient) => -coefficient);
  }

  times(other: Poly): Poly {
    const product = new Map<string, Monomial>();
    for (const a of this.monomials.values()) {
      for (const b of other.monomials.values()) {
        const powers = multiply(a.powers, b.powers);
        add(product, keyOf(powers), powers, a.coefficient * b.coefficient);
      }
    }
    return Poly.from(product);
  }

  /** `this / divisor` where nothing is left over; undefined elsewhere. */
  dividedBy(divisor: Poly): Poly | undefined {
    if (divisor.monomials.size === 0) return undefined;
    const leading = divisor.leading();
    const quotient = new Map<string, Monomial>();
    let rest = new Poly(this.monomials);
    while (rest.monomials.size > 0) {
      const next = rest.leading();
      const powers = divide(next.powers, leading.powers);
      if (powers === undefined || next.coefficient % leading.coefficient !== 0) return undefined;
      const monomial = { powers, coefficient: next.coefficient / leading.coefficient };
      const key = keyOf(powers);
      quotient.set(key, monomial);
      rest = rest.minus(Poly.from(new Map([[key, monomial]])).times(divisor));
    }
    return Poly.from(quotient);
  }

  /** Whole parts of the coefficients by `divisor` and what remains of them, so that this is `divisor * whole + rest`. */
  splitBy(divisor: number): { whole: Poly; rest: Poly } {
    const whole = this.mapCoefficients((coefficient) => Math.floor(coefficient / divisor));
    return { whole, rest: this.minus(whole.times(Poly.of(divisor))) };
  }

  /** The factor of the first power of `atom`: this is `factor * atom` and what does not hold it, or holds a higher power. */
  coefficientOf(atom: Atom): Poly {
    const factor = new Map<string, Monomial>();
    for (const { powers, coefficient } of this.monomials.values()) {
      if (!powers.some(([other, exponent]) => other === atom && exponent === 1)) continue;
      const others = powers.filter(([other]) => other !== atom);
      add(factor, keyOf(others), others, coefficient);
    }
    return Poly.from(factor);
  }

  toString(): string {
    if (this.monomials.size === 0) return '0';
    return [...this.monomials.values()]
      .map(({ powers, coefficient }) => {
        const factors = powers.map(([atom, exponent]) => atom.label() + (exponent > 1 ? `^${exponent}` : ''));
        return (coefficient !== 1 || factors.length === 0 ? [String(coefficient), ...factors] : factors).join('*');
      })
      .join('+');
  }

  private static from(monomials: Map<string, Monomial>): Poly {
    if (monomials.size > maxTerms) throw new NotProved('has sizes that are too involved');
    return new Poly(monomials);
  }

  private mapCoefficients(change: (coefficient: number) => number): Poly {
    const changed = new Map<string, Monomial>();
    for (const [key, { powers, coefficient }] of this.monomials) add(changed, key, powers, change(coefficient));
    return Poly.from(changed);
  }

  private some(isSuch: (atom: Atom) => boolean): boolean {
    for (const { powers } of this.monomials.values()) if (powers.some(([atom]) => isSuch(atom))) return true;
    return false;
  }

  private isKnownSize(): boolean {
    for (const { powers } of this.monomials.values()) {
      const first = powers[0];
      if (first !== undefined) return first[0].symbols.isSize(this);
    }
    return false;
  }

  private computeLeast(): number | undefined {
    let total = 0;
    for (const { powers, coefficient } of this.monomials.values()) {
      if (powers.length > 0 && coefficient < 0) return undefined;
      let product = coefficient;
      for (const [atom, exponent] of powers) {
        if (atom.least === undefined || atom.least < 0) return undefined;
        product *= atom.least ** exponent;
      }
      total += product;
    }
    return total;
  }

  private leading(): Monomial {
    let leading: Monomial | undefined;
    for (const monomial of this.monomials.values()) {
      if (leading === undefined || isHigher(monomial.powers, leading.powers)) leading = monomial;
    }
    return leading!;
  }
}

function add(into: Map<string, Monomial>, key: string, powers: Powers, coefficient: number): void {
  const total = (into.get(key)?.coefficient ?? 0) + coefficient;
  // Beyond this numbers are no longer exact, and what is not exact proves nothing.
  if (!Number.isSafeInteger(total)) throw new NotProved('has sizes that are too large');
  if (total === 0) into.delete(key);
  else into.set(key, { powers, coefficient: total });
}

function keyOf(powers: Powers): string {
  return powers.map(([atom, exponent]) => `${atom.id}^${exponent}`).join('.');
}

function multiply(a: Powers, b: Powers): Powers {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const exponents = new Map<Atom, number>(a);
  for (const [atom, exponent] of b) exponents.set(atom, (exponents.get(atom) ?? 0) + exponent);
  return [...exponents].sort(([x], [y]) => x.id - y.id);
}

/** Undefined where `b` does not divide `a`. */
function divide(a: Powers, b: Powers): Powers | undefined {
  const exponents = new Map<Atom, number>(a);
  for (const [atom, exponent] of b) {
    const left = (exponents.get(atom) ?? 0) - exponent;
    if (left < 0) return undefined;
    if (left === 0) exponents.delete(atom);
    else exponents.set(atom, left);
  }
  return [...exponents];
}

/** The lexicographic order, in which division is exact where it can be. */
function isHigher(a: Powers, b: Powers): boolean {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined || y === undefined) return y === undefined;
    if (x[0] !== y[0]) return x[0].id < y[0].id;
    if (x[1] !== y[1]) return x[1] > y[1];
  }
  return false;
}

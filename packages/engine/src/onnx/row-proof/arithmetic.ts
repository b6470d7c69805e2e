import type { TermFunction } from './broadcast';
import { Poly, type Term } from './poly';
import type { Symbols } from './symbols';

/** Results beyond this may wrap in the runtime's int32, and are not known. */
const maxInteger = 2 ** 31;

/** The number that a term is; undefined where it holds unknown ones. */
export function numberOf(term: Term | undefined): number | undefined {
  return term instanceof Poly ? term.constant : term;
}

/** A number as a term: whole ones are polynomials. Others are rounded to the 32 bits that the runtime has. */
export function toTerm(value: number): Term | undefined {
  if (Number.isNaN(value)) return undefined;
  return Number.isSafeInteger(value) ? Poly.of(value) : Math.fround(value);
}

type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide' | 'modulo' | 'minimum' | 'maximum';

const onNumbers: Readonly<Record<Arithmetic, (a: number, b: number, isFloat: boolean) => number | undefined>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b, isFloat) => (b === 0 ? undefined : isFloat ? a / b : Math.trunc(a / b)),
  // Signs differ between the two kinds of ONNX's Mod.
  modulo: (a, b) => (b > 0 && a >= 0 ? a % b : undefined),
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
};

/** Arithmetic of shapes. */
export function arithmetic(symbols: Symbols, operation: Arithmetic): TermFunction {
  return (isFloat, a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x !== undefined && y !== undefined) {
      const result = onNumbers[operation](isFloat ? Math.fround(x) : x, isFloat ? Math.fround(y) : y, isFloat);
      if (result === undefined || (!isFloat && Math.abs(result) >= maxInteger)) return undefined;
      return toTerm(isFloat ? Math.fround(result) : result);
    }
    if (!(a instanceof Poly) || !(b instanceof Poly)) return symbols.opaque(operation, [a, b], { isReal: isFloat });
    return onPolys(symbols, operation, a, b, y, isFloat);
  };
}

function onPolys(
  symbols: Symbols,
  operation: Arithmetic,
  a: Poly,
  b: Poly,
  divisor: number | undefined,
  isFloat: boolean,
): Term {
  switch (operation) {
    case 'add':
      return a.plus(b);
    case 'subtract':
      return a.minus(b);
    case 'multiply':
      return a.times(b);
    case 'divide': {
      const quotient = a.dividedBy(b);
      if (quotient !== undefined) return quotient;
      const isPositive = divisor !== undefined && divisor > 0;
      // Whole division rounds towards zero, which is down only where nothing is negative.
      if (isPositive && !isFloat && a.isAtLeast(0)) return symbols.floorDivided(a, divisor);
      return symbols.opaque(operation, [a, b], {
        isReal: isFloat,
        least: isPositive && a.isAtLeast(0) ? 0 : undefined,
      });
    }
    case 'modulo': {
      if (a.dividedBy(b) !== undefined && a.isAtLeast(0) && b.isAtLeast(1)) return Poly.zero;
      if (isFloat || divisor === undefined || divisor <= 0 || !a.isAtLeast(0))
        return symbols.opaque(operation, [a, b], { isReal: isFloat });
      const rest = a.minus(Poly.of(divisor).times(symbols.floorDivided(a, divisor)));
      symbols.noteSize(rest);
      return rest;
    }
    case 'minimum':
    case 'maximum': {
      if (a.minus(b).isAtLeast(0)) return operation === 'maximum' ? a : b;
      if (b.minus(a).isAtLeast(0)) return operation === 'maximum' ? b : a;
      const least = a.least === undefined || b.least === undefined ? undefined : Math.min(a.least, b.least);
      // `min` is the name that broadcasting looks for.
      return symbols.opaque(operation === 'minimum' ? 'min' : 'max', [a, b], { isReal: isFloat, least });
    }
  }
}

/** Comparisons of shapes, decided by lower bounds: exporters ask of every size whether it is -1. */
export function comparison(symbols: Symbols, name: string, compare: (a: number, b: number) => boolean): TermFunction {
  const truth = (a: number, b: number): Poly => (compare(a, b) ? Poly.one : Poly.zero);
  return (_, a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x !== undefined && y !== undefined) {
      // Both beyond what is exact: they may differ and look the same.
      if (Math.abs(x) > Number.MAX_SAFE_INTEGER && Math.abs(y) > Number.MAX_SAFE_INTEGER) return undefined;
      return truth(x, y);
    }
    if (a instanceof Poly && b instanceof Poly) {
      if (a.equals(b)) return truth(0, 0);
      const [above, below] = [a.minus(b).least, b.minus(a).least];
      if (above !== undefined && above > 0) return truth(1, 0);
      if (below !== undefined && below > 0) return truth(0, 1);
      if (above === 0 && compare(1, 0) === compare(0, 0)) return truth(0, 0);
      if (below === 0 && compare(0, 1) === compare(0, 0)) return truth(0, 0);
    }
    return symbols.opaque(name, [a, b], { least: 0 });
  };
}

/** Logic on truths that may be unknown. */
export function logic(
  symbols: Symbols,
  name: string,
  decide: (...truths: readonly boolean[]) => boolean,
): TermFunction {
  return (_, ...terms) => {
    const numbers = terms.map(numberOf);
    if (numbers.every((value) => value !== undefined)) return Poly.of(Number(decide(...numbers.map(Boolean))));
    return symbols.opaque(name, terms, { least: 0 });
  };
}

/** Choice between two terms by a third. */
export function choice(symbols: Symbols): TermFunction {
  return (isFloat, condition, whenTrue, whenFalse) => {
    if (whenTrue instanceof Poly ? whenTrue.equals(whenFalse) : whenTrue === whenFalse) return whenTrue;
    const decided = numberOf(condition);
    if (decided !== undefined) return decided === 0 ? whenFalse : whenTrue;
    const least =
      whenTrue instanceof Poly &&
      whenFalse instanceof Poly &&
      whenTrue.least !== undefined &&
      whenFalse.least !== undefined
        ? Math.min(whenTrue.least, whenFalse.least)
        : undefined;
    return symbols.opaque('where', [condition, whenTrue, whenFalse], { isReal: isFloat, least });
  };
}

/** Rounding. Each kind makes an atom of its own of what need not be whole: floor is not ceiling. */
export function rounding(symbols: Symbols, name: string, round: (value: number) => number): TermFunction {
  return (_, term) => {
    if (!(term instanceof Poly)) return toTerm(round(term));
    return term.isReal ? symbols.opaque(`to ${name}`, [term], { least: term.least }) : term;
  };
}

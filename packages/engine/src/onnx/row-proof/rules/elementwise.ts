import { arithmetic, choice, comparison, logic, numberOf, rounding, toTerm } from '../arithmetic';
import { elementwise, type TermFunction } from '../broadcast';
import { NeverProved, NotProved } from '../not-proved';
import { Poly } from '../poly';
import type { Symbols } from '../symbols';
import { realTypes, type Rule } from './rule';

/** Largest power that is computed of a shape. */
const maxExponent = 64;

const power: TermFunction = (isFloat, a, b) => {
  const [base, exponent] = [numberOf(a), numberOf(b)];
  if (isFloat || base === undefined || exponent === undefined) return undefined;
  if (exponent < 0 || exponent >= maxExponent || !Number.isInteger(base) || !Number.isInteger(exponent))
    return undefined;
  const result = base ** exponent;
  return Math.abs(result) < 2 ** 31 ? Poly.of(result) : undefined;
};

/** Arithmetic of operators that shapes are computed with. */
const functions: Readonly<Record<string, (symbols: Symbols) => TermFunction>> = {
  Add: (symbols) => arithmetic(symbols, 'add'),
  Sub: (symbols) => arithmetic(symbols, 'subtract'),
  Mul: (symbols) => arithmetic(symbols, 'multiply'),
  Div: (symbols) => arithmetic(symbols, 'divide'),
  Mod: (symbols) => arithmetic(symbols, 'modulo'),
  Min: (symbols) => arithmetic(symbols, 'minimum'),
  Max: (symbols) => arithmetic(symbols, 'maximum'),
  Pow: () => power,
  Equal: (symbols) => comparison(symbols, 'equal', (a, b) => a === b),
  Greater: (symbols) => comparison(symbols, 'greater', (a, b) => a > b),
  GreaterOrEqual: (symbols) => comparison(symbols, 'greaterOrEqual', (a, b) => a >= b),
  Less: (symbols) => comparison(symbols, 'less', (a, b) => a < b),
  LessOrEqual: (symbols) => comparison(symbols, 'lessOrEqual', (a, b) => a <= b),
  And: (symbols) => logic(symbols, 'and', (a, b) => a && b),
  Or: (symbols) => logic(symbols, 'or', (a, b) => a || b),
  Xor: (symbols) => logic(symbols, 'xor', (a, b) => a !== b),
  Not: (symbols) => logic(symbols, 'not', (a) => !a),
  Neg: () => (_, term) => (term instanceof Poly ? term.negated() : -term),
  Abs: () => (_, term) => {
    if (term instanceof Poly && term.isAtLeast(0)) return term;
    const number = numberOf(term);
    return number === undefined ? undefined : toTerm(Math.abs(number));
  },
  Floor: (symbols) => rounding(symbols, 'floor', Math.floor),
  Ceil: (symbols) => rounding(symbols, 'ceil', Math.ceil),
  Round: (symbols) => rounding(symbols, 'round', roundHalfToEven),
};

/** The arithmetic of an operator of ONNX's own domain; undefined where shapes are not computed with it. */
export function functionOf(operator: string, symbols: Symbols): TermFunction | undefined {
  return Object.hasOwn(functions, operator) ? functions[operator]!(symbols) : undefined;
}

const comparisons = new Set(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

/** One operand; any others must be the same for all rows and of one element, as scales and slopes are. */
export const unary: Rule = (node) =>
  elementwise(node.symbols, [node.input(0)], {
    compute: node.domain === '' ? functionOf(node.operator, node.symbols) : undefined,
    isFloat: node.operator === 'IsInf' || node.operator === 'IsNaN' ? false : undefined,
  });

/** All operands are broadcast with each other. */
export const broadcasting: Rule = (node) => {
  const { operator, symbols } = node;
  node.input(0);
  return elementwise(symbols, node.inputs, {
    compute: node.domain === '' ? functionOf(operator, symbols) : undefined,
    isFloat: comparisons.has(operator) ? false : undefined,
    keepsBounds: operator === 'Add' ? 'add' : operator === 'Mul' ? 'multiply' : undefined,
  });
};

/** Any number of operands, two at a time. */
export const variadic: Rule = (node) => {
  const compute = functionOf(node.operator === 'Sum' ? 'Add' : node.operator, node.symbols);
  node.input(0);
  return node.present.reduce((result, value) => elementwise(node.symbols, [result, value], { compute }));
};

export const where: Rule = (node) =>
  elementwise(node.symbols, [node.input(0), node.input(1), node.input(2)], {
    compute: choice(node.symbols),
    isFloat: node.input(1).isFloat || node.input(2).isFloat,
  });

/** FLOAT, INT32, INT64, BOOL and DOUBLE of TensorProto.DataType: shapes pass through them unchanged. */
const exactTypes = new Set([1, 6, 7, 9, 11]);
const boolType = 9;
const floatType = 1;
/** INT32, INT64, UINT32 and UINT64: the place of a row passes through them unchanged. */
const wideIntegerTypes = new Set([6, 7, 12, 13]);

export const cast: Rule = (node) => {
  const value = node.input(0);
  const to = node.int('to');
  if (to === undefined) throw new NotProved('does not say what it casts to');
  const isFloat = realTypes.has(to);
  if (
    value.state === 'positions' &&
    value.element === undefined &&
    wideIntegerTypes.has(to) &&
    value.rows !== undefined
  )
    return value.moved(value.shape, value.rows.axis);
  if (!exactTypes.has(to)) return elementwise(node.symbols, [value], { isFloat });
  const compute: TermFunction = (_, term) => {
    const number = numberOf(term);
    if (to === boolType) {
      if (number !== undefined) return number === 0 ? Poly.zero : Poly.one;
      return comparison(node.symbols, 'notEqual', (a, b) => a !== b)(false, term, Poly.zero);
    }
    if (number !== undefined) {
      if (isFloat) return toTerm(to === floatType ? Math.fround(number) : number);
      return Math.abs(number) < 2 ** 31 ? toTerm(Math.trunc(number)) : undefined;
    }
    if (value.isFloat && !isFloat) return rounding(node.symbols, 'trunc', Math.trunc)(false, term);
    return term;
  };
  return elementwise(node.symbols, [value], { compute, isFloat, keepsBounds: 'copy' });
};

/** Elements are not followed: the type they are cast to is that of another value, which is not known. */
export const castLike: Rule = (node) => elementwise(node.symbols, [node.input(0)], { isFloat: node.input(1).isFloat });

/** The value itself. */
export const identity: Rule = (node) => node.input(0);

export const dropout: Rule = (node) => {
  const training = node.optional(2);
  if (training !== undefined && training.integers?.[0] !== 0) throw new NeverProved('drops at random');
  const same = elementwise(node.symbols, [node.input(0)]);
  return [same, same];
};

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

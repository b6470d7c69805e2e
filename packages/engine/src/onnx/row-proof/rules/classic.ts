import { assertFree, assertPure, elementwise, shapeOf } from '../broadcast';
import { NeverProved, NotProved } from '../not-proved';
import { Poly } from '../poly';
import { areFoldedAlike, Value } from '../value';
import type { Rule, RuleNode } from './rule';

/** Tables of features: [rows, columns]. */
function features(node: RuleNode): { value: Value; make: (...columns: readonly Poly[]) => Value } {
  const value = node.input(0);
  for (const table of node.present) {
    assertPure(table);
    if (table.rows === undefined) throw new NotProved('meets rows with what is the same for all of them');
    if (table.rows.axis !== 0) throw new NotProved('takes another axis than that of the rows for them');
    if (shapeOf(table).length !== 2) throw new NotProved('takes a table of two dimensions');
    if (!areFoldedAlike(table.rows, value.rows)) throw new NotProved('joins rows with other rows');
  }
  const [rows] = shapeOf(value);
  return { value, make: (...columns) => value.changed([rows!, ...columns]) };
}

/** Each row by itself, as many columns as before. */
export const sameColumns: Rule = (node) => {
  const { value, make } = features(node);
  return make(shapeOf(value)[1]!);
};

export const joinedColumns: Rule = (node) => {
  const { make } = features(node);
  return make(Poly.sum(node.present.map((table) => shapeOf(table)[1]!)));
};

/** A number or more for each row. */
export const regressor: Rule = (node) => {
  const { make } = features(node);
  return make(Poly.of(node.int('n_targets') ?? node.int('targets', 1)));
};

/** A label for each row, and scores of the classes. */
export const classifier: Rule = (node) => {
  const { make } = features(node);
  const count = Math.max(
    ...['classlabels_strings', 'classlabels_int64s', 'classlabels_ints'].map((name) => node.count(name)),
  );
  // With two classes some exports give one column.
  return [make(), make(count > 2 ? Poly.of(count) : node.fresh('', 1))];
};

/** Maps from classes to scores, one a row: told as a sequence. */
export const zipMap: Rule = (node) => features(node).make();

export const elementwiseOfRows: Rule = (node) => elementwise(node.symbols, node.inputs);

export const oneHotEncoder: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const count = Math.max(node.count('cats_int64s'), node.count('cats_strings'));
  return value.changed([...shapeOf(value), Poly.of(count)]);
};

/** Words of one row that are cleaned by themselves; words that are left out would shift the others. */
export const stringNormalizer: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  if (node.count('stopwords') > 0) throw new NotProved('leaves words out over all rows');
  if (value.hasRows && shapeOf(value).length !== 1) throw new NotProved('takes words of one dimension');
  return elementwise(node.symbols, [value]);
};

export const tfIdf: Rule = (node) => {
  const { make } = features(node);
  const places = node.attribute('ngram_indexes');
  if (places?.kind !== 'ints') throw new NotProved("lacks 'ngram_indexes'");
  return make(Poly.of(places.greatest + 1));
};

/** Operators that need all of their inputs to be the same for all rows, and why they mix them. */
export function onlyFree(why: string): Rule {
  return (node) => {
    if (node.present.some(({ hasRows }) => hasRows)) throw new NotProved(why);
    assertFree(...node.inputs);
    return Array.from({ length: node.outputCount }, () => Value.free());
  };
}

/** Answers are not the same twice. */
export const random: Rule = () => {
  throw new NeverProved('answers at random');
};

export const eyeLike: Rule = (node) => {
  if (node.input(0).hasRows) throw new NotProved('tells rows apart by their places');
  assertFree(node.input(0));
  return Value.free(node.input(0).shape);
};

export const nonZero: Rule = (node) => {
  const value = node.input(0);
  if (value.hasRows) throw new NotProved('counts places over all rows');
  assertFree(value);
  if (value.shape === undefined) return Value.free();
  const [first] = value.shape;
  const areAllOnes = value.shape.length === 1 && Poly.one.equals(value.element);
  return Value.free([Poly.of(Math.max(1, value.shape.length)), areAllOnes ? first! : node.fresh('', 0)]);
};

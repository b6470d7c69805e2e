import { assertFree, assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly } from '../poly';
import { Value } from '../value';
import type { Rule, RuleNode } from './rule';

/** Which inputs of an attention operator must hold rows, and where. All others must be the same for all rows. */
interface InputPlaces {
  /** Rows on the first axis, and nothing folded into it. */
  readonly first: readonly number[];
  /** Rows on the second axis: a cache of keys and values together. */
  readonly second?: readonly number[];
  /** Masks of a rank that are broadcast: of the rows, or of size 1 on the first axis. */
  readonly masks?: ReadonlyMap<number, number>;
}

/** @returns outputs with rows on the first axis; their other sizes are not followed */
function attend(node: RuleNode, { first, second = [], masks = new Map<number, number>() }: InputPlaces): Value[] {
  for (const [index, value] of node.inputs.entries()) {
    if (value === undefined) continue;
    const maskRank = masks.get(index);
    if (first.includes(index)) assertRowsOn(0, value);
    else if (second.includes(index)) assertRowsOn(1, value);
    else if (maskRank === undefined) assertFree(value);
    else assertMask(value, maskRank);
  }
  const { rowCount } = node.symbols;
  const query = shapeOf(node.input(0));
  const output = Value.rows([...query.slice(0, -1), node.fresh('width', 1)], 0);
  const caches = Array.from({ length: Math.max(0, node.outputCount - 1) }, (_, index) =>
    Value.rows([rowCount, ...[0, 1, 2].map((axis) => node.fresh(`${index},${axis}`, 0))], 0),
  );
  return [output, ...caches];
}

function assertRowsOn(axis: number, value: Value): void {
  assertPure(value);
  if (value.rows === undefined) throw new NotProved('meets rows with a batch that is the same for all of them');
  if (value.rows.axis !== axis) throw new NotProved('takes another axis than that of the rows for the batch');
  if (!value.rows.outer.equals(Poly.one) || !value.rows.inner.equals(Poly.one))
    throw new NotProved('has a batch axis that holds more than rows');
}

function assertMask(value: Value, rank: number): void {
  assertPure(value);
  const shape = shapeOf(value);
  if (value.rows !== undefined) {
    assertRowsOn(0, value);
    if (shape.length !== rank) throw new NotProved('has a mask whose first axis is not that of the rows');
  } else if (shape.length >= rank && !shape[shape.length - rank]!.equals(Poly.one))
    throw new NotProved('has a mask that is the same for all rows');
}

/** The first output, with its sizes known. */
function withShape(values: readonly Value[], shape: readonly Poly[]): Value[] {
  return [Value.rows(shape, 0), ...values.slice(1)];
}

/** ONNX's own Attention: query, key, value, mask, past key, past value, padding lengths. */
export const attention: Rule = (node) => {
  const outputs = attend(node, { first: [0, 1, 2, 4, 5, 6], masks: new Map([[3, 4]]) });
  const [query, value] = [shapeOf(node.input(0)), shapeOf(node.input(2))];
  const isSameShape = query.length === 3 && value.length === 3 && query.every((size, axis) => size.equals(value[axis]));
  return isSameShape && node.int('q_num_heads') === node.int('kv_num_heads') ? withShape(outputs, query) : outputs;
};

/** com.microsoft.Attention: input, weights, bias, mask index, past, attention bias. */
export const packedAttention: Rule = (node) => {
  const outputs = attend(node, { first: [0, 3], second: [4], masks: new Map([[5, 4]]) });
  const mask = node.optional(3);
  if (mask !== undefined && mask.rank === 1 && !node.symbols.rowCount.equals(mask.shape?.[0]))
    throw new NotProved('has a mask of another length');
  const widths = node.optional(2)?.shape?.[0];
  const width = node.has('qkv_hidden_sizes') ? undefined : widths?.dividedBy(Poly.of(3));
  const [first, ...others] =
    width === undefined ? outputs : withShape(outputs, [...shapeOf(node.input(0)).slice(0, -1), width]);
  const caches = others.map((_, index) =>
    Value.rows([Poly.of(2), node.symbols.rowCount, ...[0, 1, 2].map((axis) => node.fresh(`${index},${axis}`, 0))], 1),
  );
  return [first!, ...caches];
};

/** com.microsoft.QAttention: a mask index at 5, a past at 8. */
export const quantizedAttention: Rule = (node) => attend(node, { first: [0, 5], second: [8] });

/** com.microsoft.MultiHeadAttention: query, key, value, bias, key padding mask, attention bias, past key, past value. */
export const multiHeadAttention: Rule = (node) => {
  const outputs = attend(node, { first: [0, 1, 2, 4, 6, 7], masks: new Map([[5, 4]]) });
  const mask = node.optional(4);
  if (mask !== undefined && mask.rank === 1 && !node.symbols.rowCount.equals(mask.shape?.[0]))
    throw new NotProved('has a mask of another length');
  const value = node.optional(2)?.shape;
  if (value?.length !== 3) return outputs;
  return withShape(outputs, [...shapeOf(node.input(0)).slice(0, 2), value[2]!]);
};

/** com.microsoft.GroupQueryAttention: query, key, value, past key, past value, lengths of the rows; the longest is for all. */
export const groupQueryAttention: Rule = (node) => {
  const outputs = attend(node, { first: [0, 1, 2, 3, 4, 5, 9], masks: new Map([[10, 4]]) });
  return node.optional(1) === undefined ? outputs : withShape(outputs, shapeOf(node.input(0)));
};

/** ONNX's own: input, cosines, sines, positions of the rows. */
export const rotaryEmbedding: Rule = (node) => {
  const ofRows = [1, 2].filter((index) => node.optional(index)?.hasRows === true);
  attend(node, { first: [0, 3, ...ofRows] });
  if (node.optional(3) === undefined && ofRows.length < 2)
    throw new NotProved('takes its angles from what is the same for all rows');
  return Value.rows(shapeOf(node.input(0)), 0);
};

/** com.microsoft.RotaryEmbedding: input, positions (of the rows, or where all of them begin), cosines, sines. */
export const rotaryEmbeddingWithPositions: Rule = (node) => {
  const positions = node.input(1);
  assertPure(positions);
  const { shape } = positions;
  const isOne = shape !== undefined && (shape.length === 0 || (shape.length === 1 && shape[0]!.equals(Poly.one)));
  if (!positions.hasRows && !isOne) throw new NotProved('has positions of a batch that is the same for all rows');
  attend(node, { first: positions.hasRows ? [0, 1] : [0] });
  return Value.rows(shapeOf(node.input(0)), 0);
};

/** com.microsoft.EmbedLayerNormalization: token and segment ids, tables, mask, position ids; the quantised one has scales at the end. */
export const embedLayerNormalization: Rule = (node) => {
  attend(node, { first: node.operator === 'EmbedLayerNormalization' ? [0, 1, 7, 8] : [0, 1, 7] });
  const ids = shapeOf(node.input(0));
  const width = shapeOf(node.input(2))[1];
  if (width === undefined) throw new NotProved('has a table that is no matrix');
  const embedded = Value.rows([...ids, width], 0);
  return [embedded, Value.rows([node.symbols.rowCount], 0), embedded];
};

import { assertFree, assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly } from '../poly';
import { areFoldedAlike, Value } from '../value';
import { fromStart, type Rule } from './rule';

/** LSTM, GRU and RNN: [time, batch, ...], or [batch, time, ...] where `layout` is 1. */
export const recurrent: Rule = (node) => {
  const isBatchFirst = node.int('layout', 0) !== 0;
  const value = node.input(0);
  assertPure(value);
  assertFree(node.input(1), node.input(2), node.optional(3), node.optional(7));
  const from = shapeOf(value);
  const { rows } = value;
  if (rows === undefined) {
    assertFree(...node.inputs);
    return Array.from({ length: node.outputCount }, () => Value.free());
  }
  if (rows.axis !== (isBatchFirst ? 0 : 1)) throw new NotProved('takes the row axis for time');
  const lengthsInput = 4;
  for (const index of [lengthsInput, 5, 6]) {
    const state = node.optional(index);
    if (state === undefined) continue;
    assertPure(state);
    const axis = index === lengthsInput || isBatchFirst ? 0 : 1;
    if (state.rows?.axis !== axis || !areFoldedAlike(state.rows, rows))
      throw new NotProved('has a state that is not of the rows');
  }
  const hiddenSize = node.int('hidden_size');
  if (hiddenSize === undefined) throw new NotProved("lacks 'hidden_size'");
  const directions = Poly.of(node.text('direction', 'forward') === 'bidirectional' ? 2 : 1);
  const [time, batch, hidden] = [from[isBatchFirst ? 1 : 0]!, from[rows.axis]!, Poly.of(hiddenSize)];
  const all = isBatchFirst
    ? value.changed([batch, time, directions, hidden], 0)
    : value.changed([time, directions, batch, hidden], 2);
  const last = isBatchFirst
    ? value.changed([batch, directions, hidden], 0)
    : value.changed([directions, batch, hidden], 1);
  return [all, last, last];
};

/** Sequences turned round up to the length of each row. */
export const reverseSequence: Rule = (node) => {
  const [value, lengths] = [node.input(0), node.input(1)];
  shapeOf(value);
  assertPure(value);
  assertPure(lengths);
  const isByRow =
    value.rows !== undefined &&
    value.rows.axis === fromStart(node.int('batch_axis', 1), value.rank) &&
    lengths.rows?.axis === 0 &&
    areFoldedAlike(value.rows, lengths.rows);
  if (!isByRow) throw new NotProved('turns rows round');
  return value.recomputed();
};

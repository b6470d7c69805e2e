import { assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import type { Poly } from '../poly';
import { areFoldedAlike, Value } from '../value';
import { fromStart, type Rule, type RuleNode } from './rule';

/** Rounds after which the states of a loop must have settled. */
const maxRounds = 8;
/** Operator set from which Scan has no batch axis of its own. */
const opsetOfScan = 9;

/** @throws NotProved where what decides is not the same for all rows */
function assertSteady(value: Value | undefined, what: string): void {
  if (value?.objection !== undefined) {
    const { operator, node, why } = value.objection;
    throw new NotProved(`has ${what} that is not the same for all rows: ${operator} '${node}' ${why}`);
  }
  if (value !== undefined && value.state !== 'free')
    throw new NotProved(`has ${what} that ${value.hasRows ? 'comes from the rows' : 'depends on the number of rows'}`);
}

/** One state for two ways that a value may come. */
function join(node: RuleNode, a: Value, b: Value, tag: string): Value {
  if (a.state === 'mixed') return a;
  if (b.state === 'mixed') return b;
  if (a.key === b.key) return a;
  const areAlike =
    a.state === b.state &&
    (a.state === 'free' || (a.state === 'rows' && a.rows!.axis === b.rows!.axis && areFoldedAlike(a.rows, b.rows)));
  if (!areAlike) throw new NotProved('gives rows differently in its two ways');
  const shape =
    a.shape === undefined || a.shape.length !== b.shape?.length
      ? undefined
      : a.shape.map((size, axis) => (size.equals(b.shape![axis]) ? size : node.fresh(`${tag},${axis}`, 0)));
  return a.changed(shape, a.rows?.axis, a.isFloat);
}

/** States that cannot be joined are mixed by themselves; others of the node need not be. */
function joinEach(node: RuleNode, before: readonly Value[], after: readonly Value[], tag: string): Value[] {
  return before.map((value, index) => {
    try {
      return join(node, value, after[index]!, `${tag}${index}`);
    } catch (error) {
      if (!(error instanceof NotProved)) throw error;
      return node.context.mixed(error.message);
    }
  });
}

export const conditional: Rule = (node) => {
  assertSteady(node.input(0), 'a condition');
  const condition = node.input(0).integers?.[0];
  if (condition !== undefined)
    return node.context.runGraph(node.graph(condition === 0 ? 'else_branch' : 'then_branch'), [], 'branch');
  const whenTrue = node.context.runGraph(node.graph('then_branch'), [], 'then');
  const whenFalse = node.context.runGraph(node.graph('else_branch'), [], 'else');
  if (whenTrue.length !== whenFalse.length) throw new NotProved('has branches with different outputs');
  return joinEach(node, whenTrue, whenFalse, 'branch');
};

export const loop: Rule = (node) => {
  assertSteady(node.optional(0), 'a number of rounds');
  assertSteady(node.optional(1), 'a condition');
  const initial = node.inputs.slice(2).map((_, index) => node.input(index + 2));
  // The number of the round and the condition come before the states.
  const counters = [Value.free([]), Value.free([])];
  const { states, outputs } = settle(node, initial, (current) => {
    const [condition, ...results] = node.context.runGraph(node.graph('body'), [...counters, ...current], 'body');
    assertSteady(condition, 'an end');
    return results;
  });
  return [...states, ...outputs.map((value) => stacked(node, value))];
};

export const scan: Rule = (node) => {
  if (node.opset < opsetOfScan) throw new NotProved('is an old Scan');
  if ((node.ints('scan_output_axes') ?? []).some((axis) => axis !== 0))
    throw new NotProved('stacks its outputs on other axes');
  const scanned = node.int('num_scan_inputs', 0);
  const stateCount = node.inputs.length - scanned;
  const axes = node.ints('scan_input_axes');
  const slices = Array.from({ length: scanned }, (_, index) => {
    const value = node.input(stateCount + index);
    assertPure(value);
    const from = shapeOf(value);
    const axis = fromStart(axes?.[index] ?? 0, from.length);
    if (value.rows?.axis === axis) throw new NotProved('goes over the rows one after another');
    const rowAxis = value.rows && value.rows.axis - (value.rows.axis > axis ? 1 : 0);
    return value.changed(from.toSpliced(axis, 1), rowAxis);
  });
  const initial = Array.from({ length: stateCount }, (_, index) => node.input(index));
  const { states, outputs } = settle(node, initial, (current) =>
    node.context.runGraph(node.graph('body'), [...current, ...slices], 'body'),
  );
  return [...states, ...outputs.map((value) => stacked(node, value))];
};

/** Walks the body until its states no longer change. */
function settle(
  node: RuleNode,
  initial: readonly Value[],
  run: (states: readonly Value[]) => readonly Value[],
): { states: Value[]; outputs: readonly Value[] } {
  let states = [...initial];
  for (let round = 0; round < maxRounds; round++) {
    const results = run(states);
    const after = results.slice(0, states.length);
    if (after.length < states.length) throw new NotProved('has a body with too few outputs');
    const joined = joinEach(node, states, after, 'state');
    const isSettled = joined.every((value, index) => value.key === states[index]!.key);
    states = joined;
    if (isSettled) return { states, outputs: results.slice(states.length) };
  }
  throw new NotProved('does not settle');
}

/** What each round gives, one after another on a new first axis. */
function stacked(node: RuleNode, value: Value): Value {
  if (value.state === 'mixed') return value;
  assertPure(value);
  const rounds: Poly = node.fresh('rounds', 0);
  const shape = value.shape && [rounds, ...value.shape];
  return value.changed(shape, value.rows && value.rows.axis + 1, value.isFloat);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readGraph } from '../onnx/read-graph';
import { traceRows } from '../onnx/row-proof/prove-rows';
import { describeGraph, falseClaim, type Outputs } from './judge-row-claims';
import { Choices, RandomGraph } from './random-graph';

/**
 * Tries the claims of the row proof on random graphs: what is said of each value is compared with runs alone and together. A process of
 * its own, because a few such graphs end that of ONNX Runtime.
 * Arguments: a folder, a seed, seconds. Prints one line with what was tried; exits with 1 where a claim is false.
 */
async function main(): Promise<void> {
  const [folder, seed, seconds] = process.argv.slice(2) as [string, string, string];
  const path = join(folder, `model-${seed}.onnx`);
  const totals = { graphs: 0, claims: 0, rows: 0, proved: 0, mixed: 0 };
  const property = fc.asyncProperty(
    fc.array(fc.nat({ max: 9999 }), { minLength: 80, maxLength: 200 }),
    async (numbers) => {
      const fault = await tryGraph(new Choices(numbers), path, totals);
      if (fault !== undefined) throw new Error(fault);
    },
  );
  const result = await fc.check(property, {
    seed: Number(seed),
    numRuns: 1_000_000,
    interruptAfterTimeLimit: Number(seconds) * 1000,
    markInterruptAsFailure: false,
  });
  process.stdout.write(
    `${JSON.stringify({ ...totals, fault: result.failed ? String(result.errorInstance) : null })}\n`,
  );
  process.exitCode = result.failed ? 1 : 0;
}

/** Rows of the runs that are compared with the same rows alone. */
const rowCounts = [3, 1, 2, 5];
const maxSteps = 14;
const maxElements = 20_000;

async function tryGraph(
  choices: Choices,
  path: string,
  totals: Record<'graphs' | 'claims' | 'rows' | 'proved' | 'mixed', number>,
): Promise<string | undefined> {
  const graph = new RandomGraph(choices);
  const steps = 4 + choices.below(maxSteps - 4);
  for (let step = 0; step < steps; step++) await growOnce(graph, choices);
  const outputs = [...new Set(graph.nodes.flatMap((node) => node.outputs))];
  if (outputs.length === 0) return undefined;
  writeFileSync(path, graph.toBytes(outputs));
  const { values } = traceRows(readGraph(path), graph.signature);
  writeFileSync(path, graph.toBytes([outputs.at(-1)!]));
  if (traceRows(readGraph(path), graph.signature).verdict.kind === 'proved') totals.proved++;
  totals.graphs++;
  const claimed = outputs.filter((name) => values.has(name) && values.get(name)!.state !== 'mixed');
  totals.mixed += outputs.length - claimed.length;
  // Kernels of these answer by company where there are NaN; that is known of them, and they are tried where they are used.
  const mayHaveNaN = !graph.nodes.some(({ op }) =>
    /^Reduce(Max|Min)$|^(Arg|Hard)Max|^TopK|^MaxPool|^Max$|^Min$/i.test(op),
  );
  writeFileSync(path, graph.toBytes(claimed));
  if (claimed.length === 0) return undefined;
  const session = await InferenceSession.create(readFileSync(path), plain);
  try {
    for (const count of rowCounts) {
      const rows = Array.from({ length: count }, () => drawRow(graph, choices, mayHaveNaN));
      const alone: Outputs[] = [];
      let together: Outputs;
      try {
        for (const row of rows) alone.push(await run(session, row));
        together = await run(session, joinRows(graph, rows));
      } catch {
        // Some row's index is out of range, or a size does not fit.
        continue;
      }
      const context = { graph, values, alone, together, count };
      for (const name of claimed) {
        totals.claims++;
        if (values.get(name)!.state === 'rows') totals.rows++;
        const fault = falseClaim(context, name);
        if (fault !== undefined) return `${fault}\n${describeGraph(graph, values)}`;
      }
    }
  } finally {
    await session.release();
  }
  return undefined;
}

const plain: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 4,
};

/** Appends a node that a run accepts, for one row and for three. */
async function growOnce(graph: RandomGraph, choices: Choices): Promise<void> {
  const step = graph.grow();
  if (step === undefined) return;
  try {
    const session = await InferenceSession.create(graph.toBytes(step.outputs), plain);
    try {
      await run(session, drawRow(graph, new Choices([1, 2, 3]), false));
      const rows = [0, 1, 2].map(() => drawRow(graph, choices, false));
      const results = await run(session, joinRows(graph, rows));
      for (const tensor of results.values()) {
        // What is empty may end the process of the next kernel that meets it.
        if (tensor.size === 0 || tensor.size > maxElements) throw new Error('empty or large');
      }
      for (const [name, { type, dims }] of results) {
        if (type === 'float32' || type === 'int64' || type === 'bool') graph.pool.set(name, { type, dims });
      }
    } finally {
      await session.release();
    }
  } catch {
    step.undo();
    for (const name of step.outputs) graph.pool.delete(name);
  }
}

async function run(session: InferenceSession, feeds: ReadonlyMap<string, Tensor>): Promise<Outputs> {
  const names = new Set(session.inputNames);
  return new Map(Object.entries(await session.run(Object.fromEntries([...feeds].filter(([name]) => names.has(name))))));
}

const scales: readonly ((value: number) => number)[] = [
  (value) => value * 3,
  (value) => value * 1e3 + 500,
  () => 0,
  (value) => -Math.abs(value),
  () => 1,
  (value) => value * 1e-4,
  (value) => (value > 1 ? Infinity : value),
  (value) => (value > 1 ? NaN : value),
];

function drawRow(graph: RandomGraph, choices: Choices, mayHaveNaN: boolean): ReadonlyMap<string, Tensor> {
  const row = new Map<string, Tensor>();
  for (const [name, rest] of graph.signature) {
    const count = rest.reduce((product, size) => product * size, 1);
    const scale = choices.of(scales.slice(0, mayHaveNaN ? scales.length : -2));
    // Not normally distributed, but of both signs and all different.
    const floats = Array.from({ length: count }, () => scale((choices.below(9999) - 5000) / 2000));
    row.set(
      name,
      name === 'ids'
        ? new Tensor(
            'int64',
            BigInt64Array.from(floats, () => BigInt(choices.below(2))),
            [1, ...rest],
          )
        : new Tensor('float32', Float32Array.from(floats), [1, ...rest]),
    );
  }
  return row;
}

function joinRows(graph: RandomGraph, rows: readonly ReadonlyMap<string, Tensor>[]): ReadonlyMap<string, Tensor> {
  return new Map(
    [...graph.signature].map(([name, rest]) => {
      const parts = rows.map((row) => row.get(name)!);
      const dims = [rows.length, ...rest];
      return [
        name,
        name === 'ids'
          ? new Tensor('int64', BigInt64Array.from(parts.flatMap((part) => [...(part.data as BigInt64Array)])), dims)
          : new Tensor('float32', Float32Array.from(parts.flatMap((part) => [...(part.data as Float32Array)])), dims),
      ];
    }),
  );
}

void main();

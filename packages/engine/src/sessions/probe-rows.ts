import { datatypeInfo, type Tensor, type Tensors } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import { floatValues } from '../tensors/float-values';
import { cutAnswers, UncuttableError, wholeAnswer, type PackedTensor } from '../tensors/pack-batch';
import { probeKinds, probeRow, type ProbeKind } from './probe-values';

/** How a model is probed. */
export interface ProbeOptions {
  /** Required inputs of the model, and its outputs. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Sizes of the dimensions that may vary, which the model is known to take. */
  readonly dimensions: readonly number[];
  /** Rows with NaN are watched too: kernels were seen to answer those by their company although the graph keeps rows apart. */
  readonly watchesNaN: boolean;
  /** Time after which nothing new is tried; one comparison is always made. */
  readonly budgetMs: number;
  /** Whether rows of a request signature may share a run; what may not is not probed. */
  allows(signature: string): Promise<boolean>;
  /** Runs the model; undefined where it does not accept the inputs. */
  run(inputs: readonly PackedTensor[]): Promise<readonly PackedTensor[] | undefined>;
}

/** Rows of the run that the probed row is in, with itself. */
const rowsTogether = 9;
/** Different strangers among them. */
const strangersDrawn = 2;
/** Sizes of the varying dimensions that are tried. */
const maxDimensions = 2;

/** Kinds of rows that are watched, and those that keep them company. Of every kind of row there is one scale that outgrows it. */
const watched: readonly ProbeKind[] = ['plain', 'large', 'positive', 'ones'];
const company: readonly ProbeKind[] = [
  'huge',
  'notNumbers',
  'zeros',
  'thousands',
  'ones',
  'infinite',
  'tiny',
  'negative',
  'plain',
];

/** Largest difference of an element between alone and in company, as a part of its scale: rounding of another order of summation. */
const tolerances = { FP64: 1e-7, FP32: 1e-4, FP16: 1e-2, BF16: 5e-2 } as const;

/**
 * Looks for rows that are answered otherwise in company than alone. Each comparison has one watched row at the beginning or the end of
 * eight strangers whose scale may hide it: a maximum, a mean, a length or a condition over the batch changes its answer. Every element
 * is compared on the scale of its own place, so that one large column hides no other. No proof: it finds what a proof got wrong.
 * @returns what was seen, in words; undefined where nothing was
 */
export async function probeRows(options: ProbeOptions): Promise<string | undefined> {
  const endsAtMs = performance.now() + options.budgetMs;
  const dimensions = options.inputs.some((spec) => spec.shape.slice(1).includes(-1))
    ? options.dimensions.slice(0, maxDimensions)
    : [1];
  for (const dimension of dimensions) {
    if (!(await options.allows(signatureFor(options.inputs, dimension)))) continue;
    const objection = await new Probe(options, dimension).compareAll(endsAtMs);
    if (objection !== undefined) return objection;
    if (performance.now() > endsAtMs) return undefined;
  }
  return undefined;
}

/** Sizes of the inputs that vary in more than rows, as requests are told apart. */
function signatureFor(inputs: readonly TensorSpec[], dimension: number): string {
  return inputs
    .map(({ shape }) => shape.slice(1))
    .filter((rest) => rest.includes(-1))
    .map((rest) => `${sized(rest, dimension).join(',')};`)
    .join('');
}

function sized(shape: readonly number[], dimension: number): number[] {
  return shape.map((size) => (size === -1 ? dimension : size));
}

/** Comparisons for one size of the dimensions that may vary. */
class Probe {
  private readonly alone = new Map<ProbeKind, Tensors | undefined>();
  /** What outputs of whole numbers and texts gave for each watched kind: alone, and in different company. */
  private readonly discreteAnswers = new Map<string, Map<ProbeKind, Uint8Array[]>>();

  constructor(
    private readonly options: ProbeOptions,
    private readonly dimension: number,
  ) {}

  /** All pairs of a watched kind and its company, each kind early. */
  async compareAll(endsAtMs: number): Promise<string | undefined> {
    const kinds: readonly ProbeKind[] = this.options.watchesNaN
      ? ['someNotNumbers', ...watched, 'zeros', 'tiny', 'thousands']
      : watched;
    for (let index = 0; index < kinds.length * company.length; index++) {
      if (index > 0 && performance.now() > endsAtMs) return undefined;
      // The two numbers of kinds (4 or 8, and 9) have no common divisor, so that every pair comes once.
      const [kind, others] = [kinds[index % kinds.length]!, company[index % company.length]!];
      const objection = await this.compare(kind, others, index % 2 === 0 ? 0 : rowsTogether - 1);
      if (objection !== undefined)
        return `${objection} (a row of ${describe(kind)} among rows of ${describe(others)}, size ${this.dimension})`;
    }
    return undefined;
  }

  private async compare(kind: ProbeKind, others: ProbeKind, place: number): Promise<string | undefined> {
    const { inputs, outputs } = this.options;
    const alone = await this.runAlone(kind, 0);
    if (alone === undefined) return undefined;
    const strangers = Array.from({ length: strangersDrawn }, (_, index) => this.rowOf(others, index + 1));
    const rows = Array.from({ length: rowsTogether - 1 }, (_, index) => strangers[index % strangersDrawn]!).toSpliced(
      place,
      0,
      this.rowOf(kind, 0),
    );
    const together = await this.options.run(inputs.map((_, index) => joined(rows.map((row) => row[index]!))));
    if (together === undefined) return this.explainFailure(others, strangers);
    let answers: Tensors[];
    try {
      answers = cutAnswers(
        outputs,
        together,
        rows.map(() => 1),
      );
    } catch (error) {
      if (error instanceof UncuttableError) return 'the first dimension of its outputs is not the batch';
      throw error;
    }
    for (const { name } of outputs) {
      const objection = this.compareOutput(name, kind, alone.get(name)!, answers, place);
      if (objection !== undefined) return objection;
    }
    return undefined;
  }

  private compareOutput(
    name: string,
    kind: ProbeKind,
    alone: Tensor,
    answers: readonly Tensors[],
    place: number,
  ): string | undefined {
    const inCompany = answers[place]!.get(name)!;
    const words = `'${name}' answers a row otherwise in company than alone`;
    if (alone.shape.join() !== inCompany.shape.join()) return words;
    if (datatypeInfo(alone.datatype).isFloat)
      return areAlike(
        alone,
        inCompany,
        answers.map((answer) => answer.get(name)!),
      )
        ? undefined
        : words;
    return this.isMixed(name, kind, alone, inCompany) ? words : undefined;
  }

  /**
   * Whether whole numbers or texts depend on the company. An index of two scores that are equal but for rounding may flip where rows are
   * more: so it counts only where one kind of row gets different answers in different company, or several kinds do not get their own.
   */
  private isMixed(name: string, kind: ProbeKind, alone: Tensor, inCompany: Tensor): boolean {
    const answers = this.discreteAnswers.get(name) ?? new Map<ProbeKind, Uint8Array[]>();
    this.discreteAnswers.set(name, answers);
    const seen = answers.get(kind) ?? [];
    answers.set(kind, seen);
    if (seen.length === 0) seen.push(alone.bytes);
    if (!seen.slice(1).some((bytes) => Buffer.compare(bytes, inCompany.bytes) === 0)) seen.push(inCompany.bytes);
    const kindsThatDiffer = [...answers.values()].filter(([own, ...others]) =>
      others.some((bytes) => Buffer.compare(own!, bytes) !== 0),
    );
    return seen.length > 2 || kindsThatDiffer.length > 1;
  }

  /** Rows that run alone, each of them, must run together. */
  private async explainFailure(
    others: ProbeKind,
    strangers: readonly (readonly PackedTensor[])[],
  ): Promise<string | undefined> {
    for (const index of strangers.keys()) if ((await this.runAlone(others, index + 1)) === undefined) return undefined;
    return 'a run fails whose rows run alone';
  }

  private async runAlone(kind: ProbeKind, draw: number): Promise<Tensors | undefined> {
    if (draw === 0 && this.alone.has(kind)) return this.alone.get(kind);
    const answer = await this.options.run(this.rowOf(kind, draw));
    const tensors = answer === undefined ? undefined : wholeAnswer(this.options.outputs, answer);
    if (draw === 0) this.alone.set(kind, tensors);
    return tensors;
  }

  private rowOf(kind: ProbeKind, draw: number): PackedTensor[] {
    return this.options.inputs.map(({ datatype, shape }, index) =>
      probeRow(datatype, [1, ...sized(shape.slice(1), this.dimension)], kind, draw * 31 + index),
    );
  }
}

function describe(kind: ProbeKind): string {
  return probeKinds[kind];
}

function joined(parts: readonly PackedTensor[]): PackedTensor {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return { shape: [parts.length, ...parts[0]!.shape.slice(1)], bytes };
}

/** Compares two answers of floating-point numbers, element by element. */
function areAlike(alone: Tensor, inCompany: Tensor, all: readonly Tensor[]): boolean {
  const { datatype } = alone;
  const tolerance = tolerances[datatype as keyof typeof tolerances];
  const [a, b] = [floatValues(datatype, alone.bytes), floatValues(datatype, inCompany.bytes)];
  let others: Float64Array[] | undefined;
  const usual = usualMagnitude(a);
  return a.every((value, index) => {
    const other = b[index]!;
    if (Object.is(value, other) || value === other) return true;
    const difference = Math.abs(value - other);
    if (!Number.isFinite(difference)) return false;
    if (difference <= tolerance * Math.max(Math.abs(value), usual)) return true;
    others ??= all.map((tensor) => floatValues(datatype, tensor.bytes));
    return difference <= tolerance * Math.max(...others.map((row) => finiteMagnitude(row[index]!)));
  });
}

/** Magnitude of the middle one of the elements: the scale of a sum whose terms cancel out. */
function usualMagnitude(values: Float64Array): number {
  const step = Math.max(1, Math.floor(values.length / 1024));
  const magnitudes = values
    .filter((_, index) => index % step === 0)
    .map(finiteMagnitude)
    .sort();
  return magnitudes[Math.floor(magnitudes.length / 2)] ?? 0;
}

function finiteMagnitude(value: number): number {
  return Number.isFinite(value) ? Math.abs(value) : 0;
}

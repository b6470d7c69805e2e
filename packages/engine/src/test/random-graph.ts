import type { OnnxNode } from '../testing';
import {
  buildGraph,
  fp32s,
  int64s,
  int64Scalar,
  node,
  subgraph,
  type AttributeValue,
  type BuiltGraph,
  type Constant,
} from '../testing';

// Long because every operator has a maker of its own, and they share one pool of values.

/** Decides by the numbers it is given, so that a graph can be made again, and made smaller. */
export class Choices {
  private next = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return (this.numbers[this.next++ % this.numbers.length] ?? 0) % count;
  }

  of<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }
}

/** A value of the graph: what a run with three rows showed. */
export interface PooledValue {
  readonly type: 'float32' | 'int64' | 'bool';
  readonly dims: readonly number[];
}

/** Operators of one operand that keep its shape, and some that mix an axis of it. */
const unaries = ['Relu', 'Sigmoid', 'Neg', 'Abs', 'Identity', 'Tanh'];
const binaries = ['Add', 'Sub', 'Mul', 'Max', 'Min'];

/** Grows random graphs from the operators of the rule table: with shapes that are computed, and with and without operators that mix rows. */
export class RandomGraph {
  readonly pool = new Map<string, PooledValue>();
  readonly nodes: OnnxNode[] = [];
  /** Sizes of the inputs after the first, by name. */
  readonly signature: ReadonlyMap<string, readonly number[]>;
  private readonly constants = new Map<string, Constant>();
  private names = 0;

  constructor(private readonly choices: Choices) {
    const [a, b, c] = [0, 1, 2].map(() => 1 + choices.below(4)) as [number, number, number];
    const inputs: [string, readonly number[]][] = [
      ['x', [a, b]],
      ['y', [c]],
      ['ids', [a]],
      ['z', [a, b]],
    ];
    if (choices.below(3) === 0) inputs.push(['image', [2, 4, 4]]);
    this.signature = new Map(inputs);
    for (const [name, rest] of inputs)
      this.pool.set(name, { type: name === 'ids' ? 'int64' : 'float32', dims: [3, ...rest] });
  }

  /** Appends a random operator. @returns what takes it away again; undefined where none fits */
  grow(): { outputs: readonly string[]; undo: () => void } | undefined {
    const count = this.nodes.length;
    const before = new Map(this.constants);
    this.choices.of(this.makers)();
    const added = this.nodes.slice(count);
    if (added.length === 0) return undefined;
    const undo = (): void => {
      this.nodes.length = count;
      this.constants.clear();
      for (const [name, constant] of before) this.constants.set(name, constant);
    };
    return { outputs: added.flatMap(({ outputs }) => outputs), undo };
  }

  toGraph(outputs: readonly string[]): BuiltGraph {
    const inputs = Object.fromEntries(
      [...this.signature].map(([name, rest]) => {
        const shape = ['N', ...rest.map((_, axis) => `${name}${axis}`)];
        return [name, name === 'ids' ? (['INT64', shape] as const) : shape];
      }),
    );
    return { nodes: this.nodes, inputs, constants: Object.fromEntries(this.constants), outputs };
  }

  toBytes(outputs: readonly string[]): Uint8Array {
    return buildGraph(this.toGraph(outputs));
  }

  private readonly makers: readonly (() => void)[] = [
    () => this.binary(),
    () => this.binary(),
    () => this.add(this.choices.of(unaries), [this.pick()]),
    () => this.add('Cast', [this.pick('float32', 'int64', 'bool')], { to: this.choices.of([1, 7, 9]) }),
    () => this.matMul(),
    () => this.matMul(),
    () => this.gemm(),
    () => this.transpose(),
    () => this.transpose(),
    () => this.reshape(),
    () => this.reshape(),
    () => this.reshape(),
    () => this.onAxis('Flatten'),
    () => this.unsqueeze(),
    () => this.squeeze(),
    () => this.expand(),
    () => this.expand(),
    () => this.tile(),
    () => this.concat(),
    () => this.concat(),
    () => this.split(),
    () => this.slice(),
    () => this.slice(),
    () => this.gather(),
    () => this.gather(),
    () => this.onAxis('GatherElements', this.pick('int64')),
    () => this.onAxis('ScatterElements', this.pick('int64'), this.pick()),
    () => this.add('GatherND', [this.pick(), this.pick('int64')], { batch_dims: this.choices.below(2) }),
    () => this.add('ScatterND', [this.pick(), this.pick('int64'), this.pick()]),
    () => this.reduce(),
    () => this.reduce(),
    () => this.onAxis('ArgMax'),
    () => this.onAxis(this.choices.of(['Softmax', 'LogSoftmax', 'Hardmax', 'LpNormalization'])),
    () => this.topK(),
    () => this.cumulate(),
    () => this.add('Shape', [this.pick('float32', 'int64')]),
    () => this.shapeArithmetic(),
    () => this.shapeArithmetic(),
    () => this.rangeOverRows(),
    () => this.rangeOverRows(),
    () => this.add('ConstantOfShape', [this.shapeVector(this.pick())], { value: { tensor: fp32s([1], [2]) } }),
    () => this.add('NonZero', [this.pick()]),
    () =>
      this.add('OneHot', [this.pick('int64'), this.constant(int64Scalar(4)), this.constant(fp32s([2], [0, 1]))], {
        axis: this.choices.of([-1, 0, 1]),
      }),
    () => this.layerNormalization(),
    () => this.channels('InstanceNormalization', 2),
    () => this.channels('BatchNormalization', 4),
    () => this.convolution(),
    () => this.pooling(),
    () => this.pad(),
    () => this.where(),
    () => this.einsum(),
    () => this.recurrent(),
    () => this.add('Trilu', [this.pick()]),
    () => this.dynamicQuantization(),
    () => this.resize(),
    () => this.branch(),
    () => this.loop(),
    () => this.scan(),
  ];

  private add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    outputs = [this.name()],
  ): string {
    this.nodes.push(node(operator, inputs, outputs, attributes));
    return outputs[0]!;
  }

  private name(): string {
    return `v${this.names++}`;
  }

  private constant(constant: Constant): string {
    const name = `c${this.names++}`;
    this.constants.set(name, constant);
    return name;
  }

  private ints(...values: readonly number[]): string {
    return this.constant(int64s(...values));
  }

  private pick(...types: readonly PooledValue['type'][]): string {
    const wanted = types.length === 0 ? ['float32'] : types;
    return this.choices.of([...this.pool].flatMap(([name, { type }]) => (wanted.includes(type) ? [name] : [])));
  }

  /** A value of FP32 of one of these ranks; undefined where there is none. */
  private pickRank(...ranks: readonly number[]): string | undefined {
    const found = [...this.pool].flatMap(([name, { type, dims }]) =>
      type === 'float32' && ranks.includes(dims.length) ? [name] : [],
    );
    return found.length === 0 ? undefined : this.choices.of(found);
  }

  private dims(name: string): readonly number[] {
    return this.pool.get(name)?.dims ?? [];
  }

  private axis(name: string): number {
    const rank = this.dims(name).length;
    return rank === 0 ? 0 : this.choices.below(2 * rank) - rank;
  }

  private onAxis(operator: string, ...others: readonly string[]): void {
    const x = this.pick();
    this.add(operator, [x, ...others], { axis: this.axis(x) });
  }

  private binary(): void {
    const shape = this.choices.of<readonly number[]>([[], [1], [3], [2, 1], [this.signature.get('x')![1]!]]);
    const other = this.choices.below(2) === 0 ? this.pick() : this.constant(fp32s(shape));
    this.add(this.choices.of(binaries), [this.pick(), other]);
  }

  private matMul(): void {
    const x = this.pick();
    const weights = fp32s([this.dims(x).at(-1) ?? 1, 1 + this.choices.below(3)]);
    this.add('MatMul', [x, this.choices.below(2) === 0 ? this.pick() : this.constant(weights)]);
  }

  private gemm(): void {
    const x = this.pickRank(2);
    if (x === undefined) return;
    const weights = fp32s([this.dims(x).at(-1) ?? 1, 2]);
    const right = this.choices.below(2) === 0 ? (this.pickRank(2) ?? x) : this.constant(weights);
    const bias = this.choices.of([[], [this.constant(fp32s(this.choices.of([[1], [2], [3, 1]])))], [this.pick()]]);
    this.add('Gemm', [x, right, ...bias], { transA: this.choices.of([0, 0, 1]), transB: this.choices.of([0, 0, 1]) });
  }

  private transpose(): void {
    const x = this.pick('float32', 'int64');
    const rest = this.dims(x).map((_, axis) => axis);
    const perm: number[] = [];
    while (rest.length > 0) perm.push(...rest.splice(this.choices.below(rest.length), 1));
    this.add('Transpose', [x], { perm });
  }

  /** A shape that is computed from that of another value. */
  private shapeVector(from: string): string {
    const shape = this.add('Shape', [from]);
    const rank = this.dims(from).length;
    const length = Math.max(1, rank + this.choices.of([0, 0, -1, 1]));
    const parts = Array.from({ length }, (_, index) => {
      if (this.choices.below(100) >= 55)
        return this.ints(this.choices.of([-1, 0, 1, 2, 3, ...this.signature.get('x')!]));
      const axis = this.choices.below(2) === 0 ? Math.min(index, rank - 1) : this.choices.below(Math.max(1, rank));
      const size = this.add('Gather', [shape, this.ints(Math.max(0, axis))], { axis: 0 });
      // No whole division: a divisor of zero ends the process of the runtime.
      return this.choices.below(5) > 0
        ? size
        : this.add(this.choices.of(['Mul', 'Add', 'Sub', 'Max', 'Min']), [size, this.ints(2)]);
    });
    return this.add('Concat', parts, { axis: 0 });
  }

  private reshape(): void {
    const x = this.pick();
    const last = this.dims(x).at(-1) ?? 1;
    const [a, b] = this.signature.get('x') as [number, number];
    const targets = [
      [-1],
      [0, -1],
      [-1, last],
      [0, 0, -1],
      [-1, 1],
      [1, -1],
      [-1, 2],
      [-1, 3],
      [0, 1, -1],
      [2, -1],
      [a, -1],
      [-1, a * b],
      [-1, a, b],
    ];
    const target =
      this.choices.below(2) === 0
        ? this.shapeVector(this.choices.of([x, this.pick()]))
        : this.ints(...this.choices.of(targets));
    this.add('Reshape', [x, target]);
  }

  private unsqueeze(): void {
    const x = this.pick('float32', 'int64', 'bool');
    const rank = this.dims(x).length + 1;
    this.add('Unsqueeze', [x, this.ints(this.choices.below(2 * rank) - rank)]);
  }

  private squeeze(): void {
    const x = this.pick();
    this.add('Squeeze', [x, ...(this.choices.below(3) === 0 ? [] : [this.ints(this.axis(x))])]);
  }

  private expand(): void {
    const x = this.choices.below(2) === 0 ? this.pick() : this.constant(fp32s([1, 1]));
    const target = this.choices.of([
      () => this.shapeVector(this.pick()),
      () => this.add('Shape', [this.pick()]),
      () => this.ints(...this.choices.of([[1], [3, 1], [2, 1, 1], [1, 1, this.signature.get('x')![1]!]])),
    ]);
    this.add('Expand', [x, target()]);
  }

  private tile(): void {
    const x = this.pick();
    this.add('Tile', [x, this.ints(...this.dims(x).map(() => this.choices.of([1, 1, 2])))]);
  }

  private concat(): void {
    const type = this.choices.of(['float32', 'float32', 'int64'] as const);
    const x = this.pick(type);
    this.add('Concat', [x, this.pick(type)], { axis: this.axis(x) });
  }

  private split(): void {
    const x = this.pick();
    this.add('Split', [x], { axis: this.axis(x) }, [this.name(), this.name()]);
  }

  private slice(): void {
    const x = this.pick();
    if (this.choices.below(2) === 0) {
      const [start, end] = [this.choices.of([0, 0, 1, -1]), this.choices.of([1, 2, -1, 2 ** 31 - 1])];
      this.add('Slice', [
        x,
        this.ints(start),
        this.ints(end),
        this.ints(this.axis(x)),
        this.ints(this.choices.of([1, 1, 2])),
      ]);
    } else this.add('Slice', [x, this.ints(0), this.sizeOf(this.pick(), [1]), this.ints(this.axis(x))]);
  }

  /** One size of a value, as a vector ([1]) or a scalar ([]). */
  private sizeOf(value: string, shape: readonly number[]): string {
    const axis = this.choices.below(Math.max(1, this.dims(value).length));
    return this.axisSize(value, axis, shape);
  }

  private axisSize(value: string, axis: number, shape: readonly number[]): string {
    const index = this.constant({ ...int64s(axis), shape });
    return this.add('Gather', [this.add('Shape', [value]), index], { axis: 0 });
  }

  private gather(): void {
    const x = this.choices.of([this.pick(), this.constant(fp32s([4, 3]))]);
    const indices = this.choices.of([this.pick('int64'), this.ints(0), this.ints(0, 1), this.constant(int64Scalar(0))]);
    this.add('Gather', [x, indices], { axis: this.axis(x) });
  }

  private reduce(): void {
    const x = this.pick();
    const axes = this.choices.of([{}, { axes: [this.axis(x)] }, { axes: [-1] }, { axes: [-1] }]);
    this.add(this.choices.of(['ReduceMean', 'ReduceMax', 'ReduceL2', 'ReduceMin']), [x], {
      keepdims: this.choices.below(2),
      ...axes,
    });
  }

  private topK(): void {
    const x = this.pick();
    this.add('TopK', [x, this.ints(1)], { axis: this.axis(x) }, [this.name(), this.name()]);
  }

  private cumulate(): void {
    const x = this.pick();
    this.add('CumSum', [x, this.constant(int64Scalar(this.axis(x)))]);
  }

  private shapeArithmetic(): void {
    const other = this.choices.of([this.pick('int64'), this.ints(2), this.constant(int64Scalar(3))]);
    this.add(this.choices.of(['Add', 'Mul', 'Sub', 'Equal', 'Less', 'Greater', 'Max', 'Min']), [
      this.pick('int64'),
      other,
    ]);
  }

  /** The numbers of the rows, and what is picked by them: by row, by row and place, or by a flat place. */
  private rangeOverRows(): void {
    const x = this.pickRank(2, 3);
    if (x === undefined) return;
    const [zero, one] = [this.constant(int64Scalar(0)), this.constant(int64Scalar(1))];
    const rank = this.dims(x).length;
    const numbers = this.add('Range', [
      zero,
      this.choices.below(3) === 0 ? this.sizeOf(this.pick(), []) : this.axisSize(x, 0, []),
      one,
    ]);
    const best = (keepdims: number): string => {
      const scores = rank === 2 ? x : this.add('ReduceMax', [x], { axes: [rank - 1], keepdims: 0 });
      return this.add('ArgMax', [scores], { axis: 1, keepdims });
    };
    this.choices.of([
      () => this.add('Gather', [this.choices.of([x, this.pick()]), numbers], { axis: this.choices.of([0, 0, 1]) }),
      () => {
        const column = this.add('Unsqueeze', [numbers, this.ints(1)]);
        this.add('GatherND', [x, this.add('Concat', [column, best(1)], { axis: 1 })]);
      },
      () => {
        const flat = this.add('Reshape', [x, this.ints(-1, ...this.dims(x).slice(2))]);
        const begin = this.add('Mul', [
          numbers,
          this.axisSize(this.choices.of([x, x, this.pickRank(2, 3) ?? x]), 1, []),
        ]);
        const place = this.choices.of([best(0), zero, one]);
        this.add('Gather', [flat, this.add('Add', [begin, place])], { axis: 0 });
      },
    ])();
  }

  private layerNormalization(): void {
    const x = this.pick();
    this.add('LayerNormalization', [x, this.constant(fp32s([this.dims(x).at(-1) ?? 1]))], {
      axis: this.choices.of([-1, -1, -2]),
    });
  }

  private channels(operator: string, count: number): void {
    const x = this.pickRank(3, 4);
    if (x === undefined) return;
    const size = this.dims(x)[1] ?? 1;
    const values = Array.from({ length: size }, (_, index) => index + 1);
    this.add(operator, [x, ...Array.from({ length: count }, () => this.constant(fp32s([size], values)))]);
  }

  private convolution(): void {
    const x = this.pickRank(3, 4);
    if (x === undefined) return;
    const dims = this.dims(x);
    this.add('Conv', [x, this.constant(fp32s([2, dims[1] ?? 1, ...dims.slice(2).map(() => 1)]))]);
  }

  private pooling(): void {
    const x = this.pickRank(3, 4);
    if (x === undefined) return;
    const kernel = this.dims(x)
      .slice(2)
      .map(() => 1);
    this.add(this.choices.of(['MaxPool', 'AveragePool']), [x], { kernel_shape: kernel });
  }

  private pad(): void {
    const x = this.pick();
    const pads = [...this.dims(x), ...this.dims(x)].map(() => this.choices.of([0, 0, 0, 1]));
    this.add('Pad', [x, this.ints(...pads)]);
  }

  private where(): void {
    const condition = this.add(this.choices.of(['Greater', 'Less']), [this.pick(), this.pick()]);
    this.add('Where', [condition, this.pick(), this.pick()]);
  }

  /** Only of operands that surely fit: sizes that do not end the process of the runtime. */
  private einsum(): void {
    const ofMatrices = ['nab,nab->na', 'nab,nac->nbc', 'nab,mab->nm', 'nab,ncb->nac'];
    const ofVectors = ['na,nb->nab', 'na,na->n', 'na,ma->nm'];
    if (this.choices.below(3) === 0) this.add('Einsum', ['y', 'y'], { equation: this.choices.of(ofVectors) });
    else this.add('Einsum', [this.choices.of(['x', 'z']), 'z'], { equation: this.choices.of(ofMatrices) });
  }

  private recurrent(): void {
    const x = this.pickRank(3);
    if (x === undefined) return;
    const width = this.dims(x)[2] ?? 1;
    const weights = [fp32s([1, 8, width]), fp32s([1, 8, 2])].map((constant) => this.constant(constant));
    // Three dimensions for certain: with two, which a squeeze may leave for one row, the runtime ends its process.
    const sequence = this.add('Reshape', [x, this.ints(0, 0, -1)]);
    this.add('LSTM', [sequence, ...weights], { hidden_size: 2 }, [this.name(), this.name()]);
  }

  private dynamicQuantization(): void {
    const outputs = [this.name(), this.name(), this.name()];
    this.add('DynamicQuantizeLinear', [this.pick()], {}, outputs);
    this.add('DequantizeLinear', outputs);
  }

  private resize(): void {
    const x = this.pickRank(3, 4);
    if (x === undefined) return;
    const scales = this.dims(x).map((_, axis) => this.choices.of(axis === 0 ? [1, 1, 2] : [1, 2]));
    this.add('Resize', [x, '', this.constant(fp32s([scales.length], scales))], { mode: 'nearest' });
  }

  private branch(): void {
    const x = this.pick();
    const of = this.choices.below(2) === 0 ? this.pick() : this.add('Cast', [this.sizeOf(this.pick(), [])], { to: 1 });
    const most = this.add('ReduceMax', [of], { keepdims: 0 });
    const condition = this.add('Greater', [most, this.constant(fp32s([], [2]))]);
    const way = (operator: string): AttributeValue => ({ graph: subgraph([node(operator, [x], [this.name()])]) });
    this.add('If', [condition], { then_branch: way('Neg'), else_branch: way(this.choices.of(['Identity', 'Abs'])) });
  }

  private loop(): void {
    const [index, goOn, state, goOnAfter, next, stacked] = [0, 1, 2, 3, 4, 5].map(() => this.name()) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const rounds = this.sizeOf(this.pick(), []);
    const yes = this.constant({ datatype: 'BOOL', shape: [], data: Uint8Array.of(1) });
    const body = subgraph(
      [
        node('Identity', [goOn], [goOnAfter]),
        node(this.choices.of(['Add', 'Mul', 'Max']), [state, this.pick()], [next]),
        node('Identity', [next], [stacked]),
      ],
      [goOnAfter, next, stacked],
      [
        { name: index, datatype: 'INT64', shape: [] },
        { name: goOn, datatype: 'BOOL', shape: [] },
        { name: state, datatype: 'FP32', shape: null },
      ],
    );
    this.add('Loop', [rounds, yes, this.pick()], { body: { graph: body } }, [this.name(), this.name()]);
  }

  private scan(): void {
    const x = this.pick();
    const axis = Math.max(0, this.axis(x));
    const [state, slice, next, out] = [0, 1, 2, 3].map(() => this.name()) as [string, string, string, string];
    const body = subgraph(
      [node('Add', [state, slice], [next]), node('Identity', [next], [out])],
      [next, out],
      [
        { name: state, datatype: 'FP32', shape: null },
        { name: slice, datatype: 'FP32', shape: null },
      ],
    );
    const first = this.add('ReduceMax', [x], { axes: [axis], keepdims: 0 });
    this.add('Scan', [first, x], { body: { graph: body }, num_scan_inputs: 1, scan_input_axes: [axis] }, [
      this.name(),
      this.name(),
    ]);
  }
}

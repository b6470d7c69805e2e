import { NotProved } from './not-proved';
import type { Term } from './poly';

/** Places to take along one axis. */
export interface Cut {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** A small tensor whose elements are known, as a shape that is computed is: row-major. */
export class SymbolicArray {
  constructor(
    readonly dims: readonly number[],
    readonly elements: readonly Term[],
  ) {}

  static vector(elements: readonly Term[]): SymbolicArray {
    return new SymbolicArray([elements.length], elements);
  }

  static scalar(element: Term): SymbolicArray {
    return new SymbolicArray([], [element]);
  }

  static filled(dims: readonly number[], element: Term): SymbolicArray {
    return new SymbolicArray(
      dims,
      Array.from({ length: product(dims) }, () => element),
    );
  }

  get size(): number {
    return this.elements.length;
  }

  /** The same elements in other dimensions; one may be -1. */
  reshaped(dims: readonly number[]): SymbolicArray {
    const known = product(dims.filter((size) => size !== -1));
    const whole = dims.map((size) => (size === -1 ? this.size / known : size));
    if (product(whole) !== this.size) throw new NotProved('reshapes to another number of elements');
    return new SymbolicArray(whole, this.elements);
  }

  /** Undefined where these dimensions cannot be broadcast to `dims`. */
  broadcastTo(dims: readonly number[]): SymbolicArray | undefined {
    const missing = dims.length - this.dims.length;
    if (missing < 0 || this.dims.some((size, axis) => size !== 1 && size !== dims[missing + axis])) return undefined;
    const strides = [...dims.slice(0, missing).map(() => 0), ...stridesOf(this.dims)].map((stride, axis) =>
      this.dims[axis - missing] === 1 ? 0 : stride,
    );
    return this.gathered(dims, (place) => dot(place, strides));
  }

  transposed(permutation: readonly number[]): SymbolicArray {
    const strides = stridesOf(this.dims);
    const moved = permutation.map((axis) => strides[axis]!);
    return this.gathered(
      permutation.map((axis) => this.dims[axis]!),
      (place) => dot(place, moved),
    );
  }

  /** Takes places along axes; axes that `cuts` does not name stay whole. */
  cut(cuts: ReadonlyMap<number, Cut>): SymbolicArray {
    const strides = stridesOf(this.dims);
    const dims = this.dims.map((size, axis) => cuts.get(axis)?.count ?? size);
    return this.gathered(dims, (place) =>
      place.reduce((offset, at, axis) => {
        const cut = cuts.get(axis);
        return offset + (cut === undefined ? at : cut.start + at * cut.step) * strides[axis]!;
      }, 0),
    );
  }

  /** Gather of ONNX: the axis is replaced by the dimensions of the indices. */
  taken(indices: readonly number[], indexDims: readonly number[], axis: number): SymbolicArray {
    const size = this.dims[axis]!;
    const places = indices.map((index) => (index < 0 ? index + size : index));
    if (places.some((place) => !(place >= 0 && place < size))) throw new NotProved('picks a place that is not there');
    const strides = stridesOf(this.dims);
    const indexStrides = stridesOf(indexDims);
    const dims = [...this.dims.slice(0, axis), ...indexDims, ...this.dims.slice(axis + 1)];
    const rank = indexDims.length;
    return this.gathered(dims, (place) => {
      const picked = places[dot(place.slice(axis, axis + rank), indexStrides)]!;
      return dot([...place.slice(0, axis), picked, ...place.slice(axis + rank)], strides);
    });
  }

  static concatenated(arrays: readonly SymbolicArray[], axis: number): SymbolicArray {
    const first = arrays[0]!;
    const outer = product(first.dims.slice(0, axis));
    const elements: Term[] = [];
    for (let row = 0; row < outer; row++) {
      for (const array of arrays) {
        const stretch = product(array.dims.slice(axis));
        elements.push(...array.elements.slice(row * stretch, (row + 1) * stretch));
      }
    }
    const total = arrays.reduce((sum, array) => sum + array.dims[axis]!, 0);
    const dims = first.dims.with(axis, total);
    if (product(dims) !== elements.length) throw new NotProved('joins tensors of different sizes');
    return new SymbolicArray(dims, elements);
  }

  private gathered(dims: readonly number[], offsetOf: (place: readonly number[]) => number): SymbolicArray {
    const elements: Term[] = [];
    const place = dims.map(() => 0);
    for (let count = product(dims); count > 0; count--) {
      elements.push(this.elements[offsetOf(place)]!);
      for (let axis = dims.length - 1; axis >= 0 && ++place[axis]! >= dims[axis]!; axis--) place[axis] = 0;
    }
    return new SymbolicArray(dims, elements);
  }
}

/** Dimensions that all are broadcast to; undefined where they do not fit. */
export function broadcastDims(all: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...all.map((dims) => dims.length));
  const result: number[] = [];
  for (let fromEnd = rank; fromEnd > 0; fromEnd--) {
    const sizes = all.map((dims) => dims[dims.length - fromEnd] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) return undefined;
    result.push(sizes[0] ?? 1);
  }
  return result;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}

function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => product(dims.slice(axis + 1)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

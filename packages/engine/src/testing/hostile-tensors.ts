import { datatypeInfo, type Datatype, type Tensor } from '@tributary/contract';
import type { OperatorGraph } from './operator-graphs';
import { strings } from './tensors';

/** Numbers in [0, 1). */
export type NextNumber = () => number;

/** Sizes of dimensions: none, few, and more than are good for a square. */
const sizes = [0, 1, 1, 2, 2, 3, 5, 17];

const floats = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1e-45, 3.4e38, -3.4e38, 2 ** 31, 2 ** 63];
const texts = ['', 'a', '1e999', '-', '\u0000', 'x'.repeat(300), 'é'];

/** How the tensors of one request are made. */
export type HostileManner =
  /** One element in every tensor: the lowest number in the first, -1 (or the highest) in the others. */
  | 'overflow'
  /** One element in every tensor, and it is 0. */
  | 'zeros'
  /** No elements in any tensor that has dimensions. */
  | 'empty'
  /** The same sizes everywhere, extreme values. */
  | 'values'
  /** Whatever sizes and values. */
  | 'any';

export const hostileManners: readonly HostileManner[] = ['overflow', 'zeros', 'empty', 'values', 'any', 'any'];

/** Tensors that fit the metadata of a graph of one operator, and that nobody expects. */
export function hostileTensors(
  { inputs }: OperatorGraph,
  manner: HostileManner,
  next: NextNumber,
): Record<string, Tensor> {
  const common = 1 + Math.floor(next() * 3);
  return Object.fromEntries(
    inputs.map(({ name, datatype, rank }, position) => {
      const shape = Array.from({ length: rank }, () => {
        if (manner === 'empty') return 0;
        if (manner === 'any') return pick(sizes, next);
        return manner === 'values' ? common : 1;
      });
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { ...hostileTensor(datatype, count, manner, position, next), shape }];
    }),
  );
}

function hostileTensor(
  datatype: Datatype,
  count: number,
  manner: HostileManner,
  position: number,
  next: NextNumber,
): Tensor {
  const shape = [count];
  if (datatype === 'BYTES') {
    const elements = Array.from({ length: count }, () => pick(texts, next));
    return strings(shape, elements);
  }
  const { isFloat, byteSize } = datatypeInfo(datatype);
  const bytes = new Uint8Array(count * byteSize!);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < count; index++) {
    if (datatype === 'BOOL') view.setUint8(index, next() < 0.5 ? 1 : 0);
    else if (isFloat) view.setFloat32(index * 4, manner === 'zeros' ? 0 : pick(floats, next), true);
    else writeInteger(view, index, datatype, integer(datatype, manner, position, next));
  }
  return { datatype, shape, bytes };
}

function integer(datatype: Datatype, manner: HostileManner, position: number, next: NextNumber): bigint {
  const bits = BigInt(datatype.replace(/\D/g, ''));
  const lowest = datatype.startsWith('U') ? 0n : -(2n ** (bits - 1n));
  const highest = lowest + 2n ** bits - 1n;
  if (manner === 'zeros') return 0n;
  if (manner === 'overflow') return position === 0 ? lowest : lowest === 0n ? highest : -1n;
  const all = [lowest, highest, 0n, 1n, 2n, 7n, -1n, -2n, 2n ** 20n, 2n ** 29n, 2n ** 62n];
  return pick(
    all.filter((value) => value >= lowest && value <= highest),
    next,
  );
}

function writeInteger(view: DataView, index: number, datatype: Datatype, value: bigint): void {
  const bits = Number(datatype.replace(/\D/g, ''));
  const bytes = bits / 8;
  for (let byte = 0; byte < bytes; byte++) {
    view.setUint8(index * bytes + byte, Number(BigInt.asUintN(64, value >> BigInt(8 * byte)) & 0xffn));
  }
}

function pick<T>(list: readonly T[], next: NextNumber): T {
  return list[Math.floor(next() * list.length)]!;
}

import { datatypeInfo, refusal, type Datatype, type Tensor } from '@tributary/contract';
import { bestIndices } from '@tributary/engine/task';

/** What the classes of a model's output are called, and whether its first dimension counts rows. */
export interface ClassifiedModel {
  readonly batched: boolean;
  readonly labels: readonly string[];
}

/** Reads element `index` of a tensor whose bytes the view covers. */
type ElementReader = (view: DataView, index: number) => number | bigint;

const readers: ReadonlyMap<Datatype, ElementReader> = new Map<Datatype, ElementReader>([
  ['FP32', (view, index) => view.getFloat32(4 * index, true)],
  ['FP64', (view, index) => view.getFloat64(8 * index, true)],
  ['INT8', (view, index) => view.getInt8(index)],
  ['INT16', (view, index) => view.getInt16(2 * index, true)],
  ['INT32', (view, index) => view.getInt32(4 * index, true)],
  ['INT64', (view, index) => view.getBigInt64(8 * index, true)],
  ['UINT8', (view, index) => view.getUint8(index)],
  ['UINT16', (view, index) => view.getUint16(2 * index, true)],
  ['UINT32', (view, index) => view.getUint32(4 * index, true)],
  ['UINT64', (view, index) => view.getBigUint64(8 * index, true)],
]);

/**
 * The `count` best classes of an output, as Open Inference's extension "classification" gives them: a BYTES tensor of shape
 * [batch, count], or [count] where the model is not batched; each element is `<score>:<index>`, and `:<label>` behind it where the
 * model has a label for every class.
 * @throws TributaryError PARAMETER_UNSUPPORTED for an output of texts, booleans or half floats
 */
export function classify(output: Tensor, count: number, { batched, labels }: ClassifiedModel): Tensor {
  const read = readers.get(output.datatype);
  if (read === undefined) throw refusal('PARAMETER_UNSUPPORTED', { parameter: 'classification' });
  const view = new DataView(output.bytes.buffer, output.bytes.byteOffset, output.bytes.byteLength);
  const rows = batched ? (output.shape[0] ?? 1) : 1;
  const classes = product(batched ? output.shape.slice(1) : output.shape);
  const names = labels.length === classes ? labels : [];
  const elements: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: classes }, (_, index) => read(view, row * classes + index));
    for (const index of bestIndices(values.map(Number), count)) {
      const label = names[index];
      elements.push(`${scoreText(values[index]!, output.datatype)}:${index}${label === undefined ? '' : `:${label}`}`);
    }
  }
  const best = Math.min(count, classes);
  return { datatype: 'BYTES', shape: batched ? [rows, best] : [best], bytes: stringBytes(elements) };
}

/** Six decimals for floats, as printf's %f: what clients of Triton parse. */
function scoreText(value: number | bigint, datatype: Datatype): string {
  return datatypeInfo(datatype).isFloat ? Number(value).toFixed(6) : String(value);
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Each element as its length (uint32, little-endian) and its UTF-8. */
function stringBytes(elements: readonly string[]): Uint8Array {
  return Buffer.concat(
    elements.flatMap((element) => {
      const text = Buffer.from(element, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    }),
  );
}

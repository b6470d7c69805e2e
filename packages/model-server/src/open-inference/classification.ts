import { setImmediate } from 'node:timers/promises';
import { datatypeInfo, refusal, type Datatype, type Tensor } from '@tributary/contract';
import { bestFirst } from '@tributary/engine/task';

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

/** Most classes of one answer, over all its rows; an element takes some 20 bytes. */
export const maxClasses = 1_000_000;

/** Longest stretch of work on the event loop before others get a turn, in milliseconds. */
const turnMs = 5;

/** Elements that are read or written between two looks at the clock. */
const elementsPerLook = 512;

/**
 * The `count` best classes of an output, as Open Inference's extension "classification" gives them: a BYTES tensor of shape
 * [batch, count], or [count] where the model is not batched; each element is `<score>:<index>`, and `:<label>` behind it where the
 * model has a label for every class. Many classes are worked on in turns, between which the event loop is free.
 * @param signal ends the work; its reason is thrown
 * @throws TributaryError PARAMETER_UNSUPPORTED for an output of texts, booleans or half floats; PARAMETER_INVALID for more than
 *   `maxClasses` classes
 */
export async function classify(
  output: Tensor,
  count: number,
  { batched, labels }: ClassifiedModel,
  signal: AbortSignal,
): Promise<Tensor> {
  const read = readers.get(output.datatype);
  if (read === undefined) throw refusal('PARAMETER_UNSUPPORTED', { parameter: 'classification' });
  const view = new DataView(output.bytes.buffer, output.bytes.byteOffset, output.bytes.byteLength);
  const rows = batched ? (output.shape[0] ?? 1) : 1;
  const classes = product(batched ? output.shape.slice(1) : output.shape);
  const best = Math.min(count, classes);
  if (rows * best > maxClasses) {
    const args = { parameter: 'classification', expected: `at most ${maxClasses} classes over all rows` };
    throw refusal('PARAMETER_INVALID', args, { got: `${rows} x ${best}` });
  }
  const names = labels.length === classes ? labels : [];
  const turns = new Turns(signal);
  const texts = new StringElements();
  const scores = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < classes; index++) {
      scores[index] = Number(read(view, row * classes + index));
      if (turns.isOver()) await turns.next();
    }
    let taken = 0;
    for (const index of best === 0 ? [] : bestFirst(scores)) {
      const score = scoreText(read(view, row * classes + index), output.datatype);
      const label = names[index];
      texts.add(label === undefined ? `${score}:${index}` : `${score}:${index}:${label}`);
      if (++taken === best) break;
      if (turns.isOver()) await turns.next();
    }
  }
  return { datatype: 'BYTES', shape: batched ? [rows, best] : [best], bytes: texts.bytes() };
}

/** Divides long work on the event loop. */
class Turns {
  private endsAtMs = performance.now() + turnMs;
  private untilLook = elementsPerLook;

  constructor(readonly signal: AbortSignal) {}

  /** Called for every element: true where the turn has been long enough. */
  isOver(): boolean {
    if (--this.untilLook > 0) return false;
    this.untilLook = elementsPerLook;
    return performance.now() >= this.endsAtMs;
  }

  /** Lets others go first. */
  async next(): Promise<void> {
    await setImmediate();
    if (this.signal.aborted) throw this.signal.reason;
    this.endsAtMs = performance.now() + turnMs;
  }
}

/** A BYTES tensor that grows: each element as its length (uint32, little-endian) and its UTF-8. */
class StringElements {
  private buffer = Buffer.allocUnsafe(1024);
  private length = 0;

  add(text: string): void {
    const most = this.length + 4 + 3 * text.length;
    if (most > this.buffer.length) {
      const larger = Buffer.allocUnsafe(2 * most);
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    const bytes = this.buffer.write(text, this.length + 4, 'utf8');
    this.buffer.writeUInt32LE(bytes, this.length);
    this.length += 4 + bytes;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Six decimals for floats, as printf's %f: what clients of Triton parse. */
function scoreText(value: number | bigint, datatype: Datatype): string {
  return datatypeInfo(datatype).isFloat ? Number(value).toFixed(6) : String(value);
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

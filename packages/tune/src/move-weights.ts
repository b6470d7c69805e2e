import { closeSync, fsyncSync, openSync } from 'node:fs';
import { ProtoError, ProtoScanner, ProtoWriter, writeWhole, type ProtoField } from '@tributary/engine/tuning';

/** What was moved. */
export interface MovedWeights {
  readonly tensors: number;
  /** Of all of them, without what lies between. */
  readonly bytes: number;
}

/** The files that are written. */
export interface WeightTargets {
  readonly graph: string;
  /** Lies in the same folder as the graph. */
  readonly data: string;
  /** Name of the data file that the graph gives. */
  readonly location: string;
}

// Field numbers of onnx.proto.
const modelGraph = 7;
const graphInitializer = 5;
const tensorProto = { rawData: 9, externalData: 13, dataLocation: 14 };
const external = 1;

/** Smaller tensors stay in the graph: many of them are shapes, which ONNX Runtime wants to see while it loads. */
const leastTensorBytes = 1024;
/** Tensors of some pages begin on one, so that no page is mapped for two of them; smaller ones on a cache line. */
const pagedBytes = 65_536;
const pageBytes = 4096;
const lineBytes = 64;

/** A part of the new graph: bytes of the old file, or new ones. */
type Piece = { readonly start: number; readonly end: number } | Uint8Array;

interface Move {
  readonly raw: ProtoField;
  readonly offset: number;
}

/**
 * Writes a graph anew with its large initializers in a file of their own (ONNX external data), which ONNX Runtime maps, so that all
 * sessions share it. Both files are on the disk when it returns. Synchronous.
 * @param leastBytes nothing is written where there is less to move
 * @returns undefined where nothing was written
 * @throws ProtoError where the file is no ONNX model or is cut off
 */
export function moveWeights(source: string, targets: WeightTargets, leastBytes: number): MovedWeights | undefined {
  return ProtoScanner.scan(source, (scanner) => {
    const mover = new WeightMover(scanner, targets.location);
    const pieces = mover.rewriteModel();
    const { moves } = mover;
    const bytes = moves.reduce((sum, { raw }) => sum + raw.end - raw.start, 0);
    if (moves.length === 0 || bytes < leastBytes) return undefined;
    writeFile(targets.data, (file) => {
      for (const { raw, offset } of moves) scanner.copy(raw.start, raw.end, file, offset);
    });
    writeFile(targets.graph, (file) => {
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) writeWhole(file, piece);
        else scanner.copy(piece.start, piece.end, file);
      }
    });
    return { tensors: moves.length, bytes };
  });
}

class WeightMover {
  readonly moves: Move[] = [];
  private dataEnd = 0;

  constructor(
    private readonly scanner: ProtoScanner,
    private readonly location: string,
  ) {}

  rewriteModel(): Piece[] {
    const whole = { start: 0, end: this.scanner.size };
    let graphs = 0;
    const pieces = this.replace(whole, (field) => {
      if (field.number !== modelGraph || field.wireType !== 2) return undefined;
      graphs++;
      const graph = this.replace(field, (initializer) => this.rewriteInitializer(initializer));
      return [lengthPrefix(modelGraph, graph), ...graph];
    });
    if (graphs !== 1) throw new ProtoError(graphs === 0 ? 'the file has no graph' : 'the file has several graphs');
    return pieces;
  }

  private rewriteInitializer(tensor: ProtoField): Piece[] | undefined {
    if (tensor.number !== graphInitializer || tensor.wireType !== 2) return undefined;
    const fields = [...this.scanner.fields(tensor.start, tensor.end)];
    const raw = fields.find(({ number, wireType }) => number === tensorProto.rawData && wireType === 2);
    if (raw === undefined || raw.end - raw.start <= leastTensorBytes) return undefined;
    const length = raw.end - raw.start;
    const offset = alignUp(this.dataEnd, length >= pagedBytes ? pageBytes : lineBytes);
    this.dataEnd = offset + length;
    this.moves.push({ raw, offset });
    const replaced: readonly number[] = Object.values(tensorProto);
    const kept = this.replace(tensor, ({ number }) => (replaced.includes(number) ? [] : undefined));
    const written = new ProtoWriter();
    const entries = { location: this.location, offset: String(offset), length: String(length) };
    for (const [key, value] of Object.entries(entries)) {
      written.message(tensorProto.externalData, new ProtoWriter().string(1, key).string(2, value));
    }
    const content = [...kept, written.varint(tensorProto.dataLocation, external).finish()];
    return [lengthPrefix(graphInitializer, content), ...content];
  }

  /** A message with some of its fields replaced, key and all; undefined keeps a field. */
  private replace(
    message: { readonly start: number; readonly end: number },
    replacement: (field: ProtoField) => readonly Piece[] | undefined,
  ): Piece[] {
    const pieces: Piece[] = [];
    let keptFrom = message.start;
    let fieldStart = message.start;
    for (const field of this.scanner.fields(message.start, message.end)) {
      const instead = replacement(field);
      if (instead !== undefined) {
        if (fieldStart > keptFrom) pieces.push({ start: keptFrom, end: fieldStart });
        pieces.push(...instead);
        keptFrom = field.end;
      }
      fieldStart = field.end;
    }
    if (message.end > keptFrom) pieces.push({ start: keptFrom, end: message.end });
    return pieces;
  }
}

function lengthPrefix(field: number, content: readonly Piece[]): Uint8Array {
  const sizeOf = (piece: Piece): number => (piece instanceof Uint8Array ? piece.length : piece.end - piece.start);
  return new ProtoWriter()
    .prefix(
      field,
      content.reduce((sum, piece) => sum + sizeOf(piece), 0),
    )
    .finish();
}

function writeFile(path: string, write: (file: number) => void): void {
  const file = openSync(path, 'w');
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

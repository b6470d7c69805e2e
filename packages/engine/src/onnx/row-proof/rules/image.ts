import { numberOf } from '../arithmetic';
import { assertFree, assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import { areFoldedAlike, Value } from '../value';
import { fromStart, type Rule, type RuleNode } from './rule';

/** The first input holds images, rows on its first axis; all others are the same for all rows. */
function images(node: RuleNode, weightsFrom = 1): Value {
  const value = node.input(0);
  assertPure(value);
  assertFree(...node.inputs.slice(weightsFrom));
  if (value.rows === undefined) return value;
  assertFirstAxis(value);
  shapeOf(value);
  return value;
}

/** @throws NotProved where the rows are not on the first axis */
function assertFirstAxis(value: Value): void {
  assertPure(value);
  if (value.rows === undefined) throw new NotProved('meets rows with a batch that is the same for all of them');
  if (value.rows.axis !== 0) throw new NotProved('takes another axis than that of the rows for the batch');
}

/** Each image by itself, sizes stay. */
export const eachImage: Rule = (node) => images(node).recomputed();

export const convolution: Rule = (node) => {
  if (node.operator === 'FusedConv' && node.optional(3) !== undefined)
    throw new NotProved('adds something inside of a convolution');
  const value = images(node);
  const weights = shapeOf(node.input(node.operator === 'QLinearConv' ? 3 : 1));
  if (node.int('channels_last', 0) !== 0) return value.changed(unknownAfterFirst(node, shapeOf(value)));
  const kernel = node.ints('kernel_shape') ?? weights.slice(2).map((size) => size.constant);
  return value.changed(windowedShape(node, shapeOf(value), kernel, weights[0]!));
};

export const pooling: Rule = (node) => {
  const value = images(node);
  if (node.hasOutput(1) && value.hasRows) throw new NotProved('counts places over all rows');
  const from = shapeOf(value);
  if (node.int('channels_last', 0) !== 0) return value.changed(unknownAfterFirst(node, from));
  const kernel = node.ints('kernel_shape');
  if (kernel === undefined) throw new NotProved("lacks 'kernel_shape'");
  return value.changed(windowedShape(node, from, kernel, from[1]!));
};

/** What a window that moves over the image leaves of its sizes. */
function windowedShape(
  node: RuleNode,
  from: readonly Poly[],
  kernel: readonly (number | undefined)[],
  channels: Poly,
): Poly[] {
  const rank = from.length - 2;
  const strides = node.ints('strides') ?? Array.from({ length: rank }, () => 1);
  const dilations = node.ints('dilations') ?? Array.from({ length: rank }, () => 1);
  const pads = node.ints('pads') ?? Array.from({ length: rank * 2 }, () => 0);
  const autoPad = node.text('auto_pad', 'NOTSET');
  const spatial = from.slice(2).map((size, axis) => {
    const [stride, dilation, window] = [strides[axis]!, dilations[axis]!, kernel[axis]];
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER')
      return node.symbols.floorDivided(size.plus(Poly.of(stride - 1)), stride);
    if (window === undefined || node.int('ceil_mode', 0) !== 0) return node.fresh(axis, 0);
    const padding = autoPad === 'VALID' ? 0 : pads[axis]! + pads[axis + rank]!;
    const room = size.plus(Poly.of(padding - dilation * (window - 1) - 1));
    return node.symbols.floorDivided(room, stride).plus(Poly.one);
  });
  return [from[0]!, channels, ...spatial];
}

function unknownAfterFirst(node: RuleNode, from: readonly Poly[], rank = from.length): Poly[] {
  return [from[0]!, ...Array.from({ length: rank - 1 }, (_, axis) => node.fresh(axis, 0))];
}

/** Images of the same rank whose sizes are not followed. */
export const imagesOfUnknownSize: Rule = (node) => {
  const value = images(node);
  return value.changed(unknownAfterFirst(node, shapeOf(value)));
};

export const columnsToImage: Rule = (node) => {
  const value = images(node);
  const spatial = node.input(1).shape?.[0]?.constant;
  if (spatial === undefined) throw new NotProved('has an image of unknown rank');
  return value.changed(unknownAfterFirst(node, shapeOf(value), spatial + 2));
};

/** Offsets and masks are of the rows too. */
export const deformableConvolution: Rule = (node) => {
  const value = node.input(0);
  if (!value.hasRows) return imagesOfUnknownSize(node);
  assertFree(node.input(1), node.optional(3));
  const [offsets, mask] = [node.input(2), node.optional(4)];
  for (const operand of [value, offsets, ...(mask === undefined ? [] : [mask])]) {
    assertFirstAxis(operand);
    assertUnfolded(operand);
    if (shapeOf(operand).length !== 4) throw new NotProved('takes images of four dimensions');
  }
  const [batch] = shapeOf(value);
  return value.changed([batch!, shapeOf(node.input(1))[0]!, node.fresh(0, 0), node.fresh(1, 0)]);
};

function assertUnfolded({ rows }: Value): void {
  if (!rows!.outer.equals(Poly.one) || !rows!.inner.equals(Poly.one))
    throw new NotProved('has a first axis that holds more than rows');
}

export const globalPooling: Rule = (node) => {
  const value = images(node);
  const from = shapeOf(value);
  if (node.int('channels_last', 0) !== 0) return value.changed(unknownAfterFirst(node, from));
  return value.changed(from.map((size, axis) => (axis < 2 ? size : Poly.one)));
};

export const depthAndSpace: Rule = (node) => {
  const value = images(node);
  const [batch, channels, height, width] = shapeOf(value);
  const block = node.int('blocksize', 1);
  if (batch === undefined || channels === undefined || height === undefined || width === undefined)
    throw new NotProved('takes images of four dimensions');
  const [by, bySquare] = [Poly.of(block), Poly.of(block * block)];
  const divided = (size: Poly, divisor: number): Poly => node.symbols.floorDivided(size, divisor);
  return value.changed(
    node.operator === 'DepthToSpace'
      ? [batch, divided(channels, block * block), height.times(by), width.times(by)]
      : [batch, channels.times(bySquare), divided(height, block), divided(width, block)],
  );
};

export const gridSample: Rule = (node) => {
  const [value, grid] = [node.input(0), node.input(1)];
  if (value.state === 'free' && grid.state === 'free') return Value.free();
  assertFirstAxis(value);
  assertFirstAxis(grid);
  if (!areFoldedAlike(value.rows, grid.rows)) throw new NotProved('joins rows with other rows');
  return value.changed([...shapeOf(value).slice(0, 2), ...shapeOf(grid).slice(1, -1)]);
};

export const affineGrid: Rule = (node) => {
  const value = node.input(0);
  assertFirstAxis(value);
  const [batch, channels, ...spatial] = node.dimensions(1);
  if (shapeOf(value).length !== 3 || batch === undefined || channels === undefined)
    throw new NotProved('takes matrices of three dimensions');
  if (!batch.equals(shapeOf(value)[0]) || spatial.some((size) => size.variesWithRows))
    throw new NotProved('makes another number of images');
  return value.changed([batch, ...spatial, Poly.of(spatial.length)]);
};

/** Operator set from which Resize has a region of interest before the scales. */
const opsetOfRegions = 11;

export const resize: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const from = shapeOf(value);
  const operand = (index: number): Value | undefined => {
    const found = node.optional(index);
    return found?.shape?.[0]?.equals(Poly.zero) === true ? undefined : found;
  };
  const isOld = node.operator === 'Upsample' || node.opset < opsetOfRegions;
  const scales = operand(isOld ? 1 : 2);
  const sizes = isOld ? undefined : operand(3);
  if (scales === undefined && sizes === undefined) throw new NotProved('has no size');
  const axes = node.ints('axes')?.map((axis) => fromStart(axis, from.length)) ?? from.map((_, axis) => axis);
  const rowAxis = value.rows?.axis;
  const keepsRatio = node.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch';
  const isCrop = node.text('coordinate_transformation_mode') === 'tf_crop_and_resize';
  if (isCrop || (keepsRatio && rowAxis !== undefined && axes.includes(rowAxis)))
    throw new NotProved('resizes by a rule over all axes');
  const dims = [...from];
  for (const [source, isScale] of [
    [scales, true],
    [sizes, false],
  ] as const) {
    if (source === undefined) continue;
    if (source.array === undefined) assertFree(source);
    for (const [index, axis] of axes.entries()) {
      const term = source.array?.elements[index];
      if (axis === rowAxis) {
        const isKept = isScale ? Poly.one.equals(term) : from[axis]!.equals(term);
        if (!isKept) throw new NotProved('resizes the row axis');
      } else dims[axis] = resizedSize(node, from[axis]!, term, isScale) ?? node.fresh(`${isScale},${index}`, 0);
    }
  }
  const sizesKept = keepsRatio ? dims.map((size, axis) => (axis === rowAxis ? size : node.fresh(axis, 0))) : dims;
  return value.changed(sizesKept);
};

function resizedSize(node: RuleNode, size: Poly, term: Term | undefined, isScale: boolean): Poly | undefined {
  if (term instanceof Poly) {
    if (term.variesWithRows) throw new NotProved('resizes by the number of rows');
    if (!isScale) return term;
    return term.isReal || term.least === undefined ? undefined : size.times(term);
  }
  const scale = numberOf(term);
  if (scale === undefined || !isScale || size.constant === undefined) return undefined;
  return Poly.of(Math.floor(Math.fround(Math.fround(size.constant) * Math.fround(scale))));
}

export const pad: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const from = shapeOf(value);
  const pads = node.ints('pads')?.map((size) => Poly.of(size)) ?? node.dimensions(1);
  assertFree(...node.inputs.slice(2));
  const operand = node.optional(3);
  const axes = operand === undefined ? from.map((_, axis) => axis) : operand.integers;
  if (axes === undefined) throw new NotProved('has axes that are not known');
  const dims = [...from];
  for (const [index, given] of axes.entries()) {
    const axis = fromStart(given, from.length);
    const [before, after] = [pads[index]!, pads[index + axes.length]!];
    if (axis === value.rows?.axis) {
      if (!before.equals(Poly.zero) || !after.equals(Poly.zero)) throw new NotProved('pads the row axis');
      continue;
    }
    dims[axis] = dims[axis]!.plus(before).plus(after);
    node.symbols.noteSize(dims[axis]);
  }
  return value.changed(dims);
};

export const centerCropPad: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const from = shapeOf(value);
  const target = node.dimensions(1);
  const axes = node.ints('axes')?.map((axis) => fromStart(axis, from.length)) ?? from.map((_, axis) => axis);
  const dims = [...from];
  for (const [index, axis] of axes.entries()) {
    if (axis === value.rows?.axis && !from[axis]!.equals(target[index])) throw new NotProved('cuts the row axis');
    dims[axis] = target[index]!;
  }
  return value.changed(dims);
};

/** Spectra of a signal: rows on the first axis, sizes are not followed. */
export const shortTimeTransform: Rule = (node) => {
  const value = images(node);
  return value.changed(unknownAfterFirst(node, shapeOf(value), 4));
};

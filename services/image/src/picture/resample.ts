/** What each pixel of a resized line is made of: `taps` weights from source pixel `first[i]` on. */
interface Taps {
  readonly count: number;
  readonly first: Int32Array;
  readonly weights: Float32Array;
}

/** Parameter of the cubic; -0.5 makes it Catmull-Rom, which most image libraries mean by "bicubic". */
const A = -0.5;
const kernelSupport = 2;
const channels = 3;

/**
 * Resizes 8-bit RGB pixels with the bicubic filter: support grows when shrinking, is cut and renormalised at the borders, columns
 * are done after rows with rounding to 8 bits in between, as Pillow does it.
 *
 * It exists because libvips shrinks as Pillow does but places an enlarged picture half a pixel off: the pixels of a 32 x 32 picture
 * enlarged to 224 x 224 then differ by 1.5 of 255 on average.
 */
export function resampleBicubic(
  pixels: Uint8Array,
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): Uint8Array {
  const across = taps(from.width, to.width);
  const wide = new Uint8ClampedArray(to.width * from.height * channels);
  for (let y = 0; y < from.height; y++) {
    const row = y * from.width * channels;
    for (let x = 0; x < to.width; x++) {
      const start = row + across.first[x]! * channels;
      weigh(pixels, start, channels, across, x, wide, (y * to.width + x) * channels);
    }
  }
  const down = taps(from.height, to.height);
  const stride = to.width * channels;
  const out = new Uint8ClampedArray(to.height * stride);
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      const start = down.first[y]! * stride + x * channels;
      weigh(wide, start, stride, down, y, out, y * stride + x * channels);
    }
  }
  return new Uint8Array(out.buffer);
}

/** One pixel: the weighted sum of the pixels at `start`, `start + step`, ... Uint8ClampedArray rounds and clips. */
function weigh(
  source: Uint8Array | Uint8ClampedArray,
  start: number,
  step: number,
  { count, weights }: Taps,
  index: number,
  target: Uint8ClampedArray,
  at: number,
): void {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let tap = 0, from = start; tap < count; tap++, from += step) {
    const weight = weights[index * count + tap]!;
    // Taps beyond the border have weight 0 and may lie outside the pixels.
    if (weight === 0) continue;
    red += weight * source[from]!;
    green += weight * source[from + 1]!;
    blue += weight * source[from + 2]!;
  }
  target[at] = red;
  target[at + 1] = green;
  target[at + 2] = blue;
}

function taps(from: number, to: number): Taps {
  const scale = from / to;
  const filterScale = Math.max(1, scale);
  const support = kernelSupport * filterScale;
  const count = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const weights = new Float32Array(to * count);
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale;
    const begin = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    first[index] = begin;
    let sum = 0;
    for (let at = begin; at < end; at++) sum += cubic((at - centre + 0.5) / filterScale);
    for (let at = begin; at < end; at++) {
      weights[index * count + at - begin] = cubic((at - centre + 0.5) / filterScale) / sum;
    }
  }
  return { count, first, weights };
}

/** The cubic convolution filter of R. Keys. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < kernelSupport) return ((x - 5) * x + 8) * x * A - 4 * A;
  return 0;
}

/** A square part of a picture, in pixels from its upper left corner. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The centre square whose side is `fraction` of the shorter side of a `width` x `height` picture, at least one pixel. Rounded as
 * the evaluation of EfficientNet does it: the side down, the corner to the nearest pixel with halves up.
 */
export function centreSquare(width: number, height: number, fraction: number): Square {
  const side = Math.max(1, Math.floor(fraction * Math.min(width, height)));
  return { left: Math.floor((width - side + 1) / 2), top: Math.floor((height - side + 1) / 2), side };
}

/** A picture cut into overlapping tiles, with weights that lead over from one to the next without a seam. */

/** A rectangle of a picture, in pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An area whose pixel (x, y) counts columnWeights[x] · rowWeights[y]; over all tiles each pixel's weights sum to 1. */
export interface Tile extends Area {
  readonly columnWeights: Float32Array;
  readonly rowWeights: Float32Array;
}

export interface TileOptions {
  /** Longest side of a tile. */
  readonly side: number;
  /** Pixels that neighbours share at least. */
  readonly overlap: number;
  /** Tiles begin at multiples of it. */
  readonly multiple?: number;
  /** Pixels at an inner border that count nothing, as far as the overlap has room. */
  readonly margin?: number;
}

/**
 * Tiles of equal sides, row by row; one tile where the picture is no longer than `side`. With a multiple above 1 the last
 * tiles of rows and columns are up to multiple − 1 pixels shorter.
 * @throws RangeError when the overlap leaves a tile no way forward.
 */
export function planTiles(size: { width: number; height: number }, options: TileOptions): Tile[] {
  const columns = planAxis(size.width, options);
  const rows = planAxis(size.height, options);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      ...{ x: column.from, y: row.from, width: column.length, height: row.length },
      ...{ columnWeights: column.weights, rowWeights: row.weights },
    })),
  );
}

interface Span {
  readonly from: number;
  readonly length: number;
  readonly weights: Float32Array;
}

function planAxis(length: number, options: TileOptions): Span[] {
  const { margin = 0 } = options;
  const bare = spansOf(length, options);
  const spans = bare.map((span, index) => ({
    ...span,
    weights: weightsOf(span, { before: bare[index - 1], after: bare[index + 1], margin }),
  }));
  // Where three tiles meet along an axis, two ramps alone do not sum to 1.
  const sums = new Float64Array(length);
  spans.forEach(({ from, weights }) => weights.forEach((weight, index) => (sums[from + index] += weight)));
  spans.forEach(({ from, weights }) => weights.forEach((_, index) => (weights[index] /= sums[from + index])));
  return spans;
}

type BareSpan = Omit<Span, 'weights'>;

/** As few spans as cover the length, and those as short as they can be. */
function spansOf(length: number, { side, overlap, multiple = 1 }: TileOptions): BareSpan[] {
  if (length <= side) return [{ from: 0, length }];
  const longest = Math.floor(side / multiple) * multiple;
  if (overlap > longest / 2 || longest - overlap < multiple) {
    const most = Math.min(Math.floor(longest / 2), longest - multiple);
    throw new RangeError(
      `Tiles of ${side} pixels with an overlap of ${overlap}: expected an overlap of at most ${most}.`,
    );
  }
  for (let count = Math.ceil((length - overlap) / (longest - overlap)); ; count++) {
    const shortest = (length + (count - 1) * overlap) / count;
    for (let span = roundUp(shortest, multiple); span <= longest; span += multiple) {
      const starts = startsOf(length, { count, span, multiple });
      if (starts.every((from, index) => index === 0 || from - starts[index - 1] <= span - overlap))
        return starts.map((from) => ({ from, length: Math.min(span, length - from) }));
    }
  }
}

function startsOf(length: number, of: { count: number; span: number; multiple: number }): number[] {
  const last = roundUp(Math.max(0, length - of.span), of.multiple);
  return Array.from(
    { length: of.count },
    (_, index) => Math.floor((index * last) / (of.count - 1) / of.multiple) * of.multiple,
  );
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Straight ramps over what is shared with the neighbours; two neighbours' ramps sum to 1. */
function weightsOf(
  { from, length }: BareSpan,
  beside: { before: BareSpan | undefined; after: BareSpan | undefined; margin: number },
): Float32Array {
  const { before, after, margin } = beside;
  const end = from + length;
  return Float32Array.from({ length }, (_, index) => {
    const place = from + index + 0.5;
    const rise = before ? ramp(place, { from, to: before.from + before.length, margin }) : 1;
    const fall = after ? 1 - ramp(place, { from: after.from, to: end, margin }) : 1;
    return rise * fall;
  });
}

/** 0 before, 1 behind, straight between, `margin` away from both ends where there is room. */
function ramp(place: number, { from, to, margin }: { from: number; to: number; margin: number }): number {
  const kept = Math.min(margin, Math.floor((to - from - 1) / 2));
  return Math.min(1, Math.max(0, (place - from - kept) / (to - from - 2 * kept)));
}

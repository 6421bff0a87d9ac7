/** Exact area-average resizing of 8-bit RGB images, and cropping. */
import { mapInto } from '../../shared/numbers/mapInto.ts';

/** 8-bit RGB: `pixels` has height × width × 3 bytes, row-major, channels last. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Crops to the largest centred square; with an odd excess it is half a pixel left of or above the centre. */
export function cropSquare(image: PixelImage): PixelImage {
  const { width, height } = image;
  const size = Math.min(width, height);
  const left = Math.floor((width - size) / 2);
  const top = Math.floor((height - size) / 2);
  return cropWindow(image, { left, top, width: size, height: size });
}

/** Copies a window of the image; it lies inside. */
export function cropWindow(
  image: PixelImage,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
): PixelImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * 3;
    pixels.set(image.pixels.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, pixels };
}

/**
 * Resizes to `size` × `size` pixels, each the mean of the image over the rectangle it covers; partly covered pixels are
 * weighted by the covered part. Enlarging repeats pixels.
 */
export function resizeArea({ width, height, pixels }: PixelImage, size: number): PixelImage {
  if (width === size && height === size) return { width, height, pixels };
  // [height, width, 3] -> [height, size, 3] -> [size, size, 3]
  const narrow = averageAxis(pixels, { outer: height, length: width, inner: 3, size });
  const small = averageAxis(narrow, { outer: 1, length: height, inner: size * 3, size });
  const rounded = mapInto(new Uint8Array(small.length), small, (value) => Math.floor(value + 0.5));
  return { width: size, height: size, pixels: rounded };
}

interface Axis {
  /** Product of the lengths of the axes before and after the one that is averaged. */
  readonly outer: number;
  readonly inner: number;
  readonly length: number;
  readonly size: number;
}

/** [outer, length, inner] -> [outer, size, inner]. */
function averageAxis(values: ArrayLike<number>, { outer, length, inner, size }: Axis): Float64Array {
  const averaged = new Float64Array(outer * size * inner);
  const coverage = createCoverage(length, size);
  for (let block = 0; block < outer; block++) {
    for (const { from, to, fraction } of coverage) {
      const source = (block * length + from) * inner;
      const target = (block * size + to) * inner;
      for (let offset = 0; offset < inner; offset++)
        averaged[target + offset] += fraction * values[source + offset];
    }
  }
  return averaged;
}

interface Coverage {
  readonly from: number;
  readonly to: number;
  /** Fraction of the output pixel that the input pixel covers; these sum to 1 for each output pixel. */
  readonly fraction: number;
}

function createCoverage(length: number, size: number): readonly Coverage[] {
  const coverage: Coverage[] = [];
  for (let to = 0; to < size; to++) {
    // In units of 1 / size input pixels every border is an integer, so rounding opens no gap.
    for (let from = Math.floor((to * length) / size); from * size < (to + 1) * length; from++) {
      const covered = Math.min((from + 1) * size, (to + 1) * length) - Math.max(from * size, to * length);
      coverage.push({ from, to, fraction: covered / length });
    }
  }
  return coverage;
}

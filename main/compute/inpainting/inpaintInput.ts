/** The image that is computed: after fit and scale, with the mask that belongs to it. */

import type { Mask } from '../../../shared/images/mask.ts';
import { cropSquare, resizeArea } from '../../datasets/areaResize.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { ImageJob } from '../protocol.ts';

export interface InpaintInput {
  readonly height: number;
  readonly width: number;
  /** height × width × 3; of an enlarged image every pixel repeated. */
  readonly pixels: Uint8Array;
  /** height × width, 1 = known. */
  readonly mask: Uint8Array;
}

/** An image to fill in; one that is shrunk to the training size comes with the configuration that gives it. */
type GivenImage = Pick<ImageJob, 'scale' | 'width' | 'height' | 'pixels' | 'mask' | 'opaque'> &
  (
    | { readonly fit: 'whole' }
    | {
        readonly fit: ImageJob['fit'];
        readonly config: { readonly data: Pick<RunConfig['data'], 'imageSize'> };
      }
  );

/** @throws Error when the mask is of another size, or knows transparent pixels alone. */
export function inpaintInput(job: GivenImage): InpaintInput {
  const { width, height, pixels, mask, opaque, scale } = job;
  const side = job.fit === 'fit' ? job.config.data.imageSize : null;
  const isOfImage = mask.width === width && mask.height === height;
  const isOfSquare = mask.width === side && mask.height === side;
  if (!isOfImage && !isOfSquare) {
    const also = side === null ? '' : `, or ${side} × ${side} for the square it is fitted to`;
    throw new Error(
      `The mask has ${mask.width} × ${mask.height} pixels; expected the image's ${width} × ${height}${also}. Use a mask of that size.`,
    );
  }
  if (side === null) {
    return enlarge(
      { width, height, pixels, mask: opaque ? keepOpaque(mask.bits, opaque) : mask.bits },
      scale,
    );
  }
  const square = resizeArea(cropSquare({ width, height, pixels }), side);
  const fitted = isOfSquare ? mask.bits : fitMask(mask, { side, atLeast: 128 });
  // The colour of a pixel that is transparent in part has some of the background in it.
  const fittedOpaque = opaque && fitMask({ width, height, bits: opaque }, { side, atLeast: 255 });
  return enlarge({ ...square, mask: fittedOpaque ? keepOpaque(fitted, fittedOpaque) : fitted }, scale);
}

/** Of the known pixels those that are opaque. @throws Error when there are none. */
function keepOpaque(mask: Uint8Array, opaque: Uint8Array): Uint8Array {
  const kept = mask.map((known, pixel) => known & opaque[pixel]);
  if (kept.includes(1)) return kept;
  throw new Error(
    'Every known pixel is transparent: at least one opaque pixel must be known. Change the mask.',
  );
}

/** A pixel is known where at least `atLeast` 255ths of its area are. */
function fitMask(
  { width, height, bits }: Mask,
  { side, atLeast }: { side: number; atLeast: number },
): Uint8Array {
  const pixels = new Uint8Array(bits.length * 3);
  bits.forEach((known, pixel) => pixels.fill(known * 255, pixel * 3, pixel * 3 + 3));
  const shares = resizeArea(cropSquare({ width, height, pixels }), side).pixels;
  return Uint8Array.from({ length: side * side }, (_, pixel) => (shares[pixel * 3] >= atLeast ? 1 : 0));
}

/** Every pixel becomes scale × scale of them, of which the one at (⌊scale / 2⌋, ⌊scale / 2⌋) is known where it was. */
function enlarge(from: InpaintInput, scale: number): InpaintInput {
  if (scale === 1) return from;
  const [width, height] = [from.width * scale, from.height * scale];
  const pixels = new Uint8Array(width * height * 3);
  const mask = new Uint8Array(width * height);
  const place = Math.floor(scale / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = Math.floor(y / scale) * from.width + Math.floor(x / scale);
      pixels.set(from.pixels.subarray(source * 3, source * 3 + 3), (y * width + x) * 3);
      if (x % scale === place && y % scale === place) mask[y * width + x] = from.mask[source];
    }
  }
  return { width, height, pixels, mask };
}

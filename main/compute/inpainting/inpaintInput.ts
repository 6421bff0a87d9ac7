/** The image that is computed: after fit and scale, with the mask that belongs to it. */

import { joinEqualChannels, type Mask, valueBit } from '../../../shared/images/mask.ts';
import { cropSquare, resizeArea } from '../../datasets/areaResize.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { ImageJob } from '../protocol.ts';

export interface InpaintInput {
  readonly height: number;
  readonly width: number;
  /** height × width × 3; of an enlarged image every pixel repeated. */
  readonly pixels: Uint8Array;
  readonly mask: Mask;
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

/** @throws Error when the mask is of another size, knows transparent pixels alone, or says everything of a grey image. */
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
  if (side === null) return enlarge(finish({ width, height, pixels, mask }, opaque), scale);
  const square = resizeArea(cropSquare({ width, height, pixels }), side);
  const fitted = isOfSquare ? mask : fitMask(mask, { side, atLeast: 128 });
  // The colour of a pixel that is transparent in part has some of the background in it.
  const fittedOpaque =
    opaque && fitMask({ width, height, channels: 1, bits: opaque }, { side, atLeast: 255 }).bits;
  return enlarge(finish({ ...square, mask: fitted }, fittedOpaque), scale);
}

/** Leaves out transparent pixels, and joins the channels of the mask where the image is grey or they are equal. */
function finish(input: InpaintInput, opaque: Uint8Array | null): InpaintInput {
  const joined = input.mask.channels === 3 && isGrey(input.pixels) ? joinChannels(input.mask) : input.mask;
  return { ...input, mask: joinEqualChannels(opaque ? keepOpaque(joined, opaque) : joined) };
}

function isGrey(pixels: Uint8Array): boolean {
  for (let at = 0; at < pixels.length; at += 3)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
  return true;
}

/** A grey image has one channel: a pixel is known where any of its three equal values is. */
function joinChannels({ width, height, bits }: Mask): Mask {
  const joined = new Uint8Array(width * height);
  for (let pixel = 0; pixel < joined.length; pixel++)
    joined[pixel] = bits[3 * pixel] | bits[3 * pixel + 1] | bits[3 * pixel + 2];
  if (joined.includes(0)) return { width, height, channels: 1, bits: joined };
  throw new Error(
    'The image is grey: its three channels are equal, and the mask shows one of every pixel, which leaves nothing to fill in. Use an image in colour, or another mask.',
  );
}

/** Of the known values those that are opaque. @throws Error when there are none. */
function keepOpaque(mask: Mask, opaque: Uint8Array): Mask {
  const { channels } = mask;
  const bits = mask.bits.map((known, index) => known & opaque[Math.floor(index / channels)]);
  if (bits.includes(1)) return { ...mask, bits };
  throw new Error(
    'Every known pixel is transparent: at least one opaque pixel must be known. Change the mask.',
  );
}

/** A value is known where at least `atLeast` 255ths of its area are. */
function fitMask(mask: Mask, { side, atLeast }: { side: number; atLeast: number }): Mask {
  const { width, height, channels } = mask;
  const pixels = new Uint8Array(width * height * 3);
  for (let value = 0; value < pixels.length; value++) pixels[value] = 255 * valueBit(mask, value);
  const shares = resizeArea(cropSquare({ width, height, pixels }), side).pixels;
  const bits = Uint8Array.from({ length: side * side * channels }, (_, index) =>
    shares[channels === 3 ? index : index * 3] >= atLeast ? 1 : 0,
  );
  return { width: side, height: side, channels, bits };
}

/** Every pixel becomes scale × scale of them, of which the one at (⌊scale / 2⌋, ⌊scale / 2⌋) is known where it was. */
function enlarge(from: InpaintInput, scale: number): InpaintInput {
  if (scale === 1) return from;
  const { channels, bits } = from.mask;
  const [width, height] = [from.width * scale, from.height * scale];
  const pixels = new Uint8Array(width * height * 3);
  const known = new Uint8Array(width * height * channels);
  const place = Math.floor(scale / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = Math.floor(y / scale) * from.width + Math.floor(x / scale);
      const pixel = y * width + x;
      pixels.set(from.pixels.subarray(source * 3, source * 3 + 3), pixel * 3);
      if (x % scale === place && y % scale === place)
        known.set(bits.subarray(source * channels, (source + 1) * channels), pixel * channels);
    }
  }
  return { width, height, pixels, mask: { width, height, channels, bits: known } };
}

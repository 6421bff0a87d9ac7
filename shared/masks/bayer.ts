/**
 * Bayer patterns: colour filter arrays in which every pixel shows one of the three channels, green twice as often as red and
 * blue. Bayer 1976, "Color imaging array", US patent 3 971 065.
 */

/** The four positions of the pattern: channels of the upper left 2 × 2 pixels, row by row. */
export const bayerPhases = ['RGGB', 'GRBG', 'GBRG', 'BGGR'] as const;
export type BayerPhase = (typeof bayerPhases)[number];
export const defaultPhase: BayerPhase = 'RGGB';

const channelNames = 'RGB';

/** Returns the channel that every pixel shows, row by row: 0 is red, 1 green, 2 blue. */
export function bayerChannels(
  phase: BayerPhase,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  const cells = Array.from(phase, (name) => channelNames.indexOf(name));
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    return cells[2 * (row % 2) + (column % 2)];
  });
}

/** Draws the mask of a pattern, width × height × 3 bytes: 1 where a pixel shows the channel. */
export function drawBayer({
  phase,
  width,
  height,
}: {
  readonly phase: BayerPhase;
  readonly width: number;
  readonly height: number;
}): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(width * height * 3);
  bayerChannels(phase, { width, height }).forEach((channel, pixel) => (bits[3 * pixel + channel] = 1));
  return bits;
}

/** Generated images of six kinds, each with its own typical residual around the thin plate. */

import { randomNormals, randomUniforms } from '../../../shared/numbers/random.ts';

export const imageKinds = ['thumbnails', 'photographs', 'cartoons', 'text', 'grey', 'noise'] as const;
export type ImageKind = (typeof imageKinds)[number];

export const imageSize = 16;

/** Colours at one pixel; x and y count pixels. */
type Painter = (x: number, y: number) => readonly [red: number, green: number, blue: number];

/** Returns `count` images from number `first` on as 8-bit RGB; each is a pure function of its kind and number. */
export function generateImages(kind: ImageKind, first: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count * imageSize ** 2 * 3);
  for (let image = 0; image < count; image++) {
    const uniforms = randomUniforms({ seed: 11, stream: 'synthetic', step: first + image }, 1024);
    const normals = randomNormals({ seed: 11, stream: 'noise', step: first + image }, 1024);
    const paint = painters[kind](uniforms, normals);
    for (let pixel = 0; pixel < imageSize ** 2; pixel++) {
      const colours = paint(pixel % imageSize, Math.floor(pixel / imageSize));
      colours.forEach((colour, channel) => {
        const at = (image * imageSize ** 2 + pixel) * 3 + channel;
        pixels[at] = Math.round(255 * Math.min(1, Math.max(0, colour)));
      });
    }
  }
  return pixels;
}

const painters: Readonly<Record<ImageKind, (uniforms: Float32Array, normals: Float32Array) => Painter>> = {
  thumbnails: (uniforms) => paintStripes(uniforms, 0.3),
  // Contrasts between images differ by an order of magnitude, and most images are nearly flat.
  photographs: (uniforms, normals) => paintStripes(uniforms, 0.08 * Math.exp(0.7 * normals[0])),
  // Flat squares of a few colours.
  cartoons(uniforms) {
    const colours = [0, 3, 6].map((from) =>
      uniforms.subarray(from, from + 3).map((u) => (u < 0.5 ? 0.1 : 0.9)),
    );
    return (x, y) => {
      const square = 4 * Math.floor((y + 16 * uniforms[9]) / 8) + Math.floor((x + 16 * uniforms[10]) / 8);
      const [red, green, blue] = colours[Math.floor(uniforms[20 + square] * 3)];
      return [red, green, blue];
    };
  },
  // Rows of glyphs of 3 × 5 pixels, black on white.
  text: (uniforms) => (x, y) => {
    const [column, row] = [Math.floor(x / 4), Math.floor(y / 6)];
    const isGap = x % 4 === 3 || y % 6 === 5;
    const glyph = Math.floor(uniforms[500 + 8 * row + column] * 8);
    const isInk = !isGap && uniforms[20 * glyph + 3 * (y % 6) + (x % 4)] < 0.5;
    return isInk ? [0.05, 0.05, 0.05] : [0.95, 0.95, 0.95];
  },
  grey(uniforms) {
    const paint = paintStripes(uniforms, 0.3);
    return (x, y) => {
      const [level] = paint(x, y);
      return [level, level, level];
    };
  },
  noise: (uniforms) => (x, y) => {
    const at = (y * imageSize + x) * 3;
    return [uniforms[at], uniforms[at + 1], uniforms[at + 2]];
  },
};

/** Stripes with sharp edges in any direction on shaded ground; the deviation of the colours is about `contrast`. */
function paintStripes(uniforms: Float32Array, contrast: number): Painter {
  const angle = 2 * Math.PI * uniforms[0];
  const frequency = 0.5 + uniforms[1];
  const shade = 0.05 * (uniforms[2] - 0.5);
  const tint = [1, 0.6 + 0.4 * uniforms[3], 0.6 + 0.4 * uniforms[4]];
  return (x, y) => {
    const along = frequency * (x * Math.cos(angle) + y * Math.sin(angle)) + 6 * uniforms[5];
    const level = contrast * (Math.sign(Math.sin(along)) + shade * (x + y));
    return [0.5 + level, 0.5 + tint[1] * level, 0.5 + tint[2] * level];
  };
}

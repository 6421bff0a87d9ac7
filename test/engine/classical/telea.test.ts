import { describe, expect, it } from 'vitest';
import { marchArrivalTimes } from '../../../main/engine/classical/fastMarching.ts';
import { reconstructTelea } from '../../../main/engine/classical/telea.ts';
import { type Image, observe } from '../../../shared/images/image.ts';

type ColourOf = (x: number, y: number, channel: number) => number;
type IsUnknown = (x: number, y: number) => boolean;

function createImage(width: number, height: number, colourOf: ColourOf): Image {
  const values = Float32Array.from({ length: width * height * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return colourOf(pixel % width, Math.floor(pixel / width), index % 3);
  });
  return { width, height, values };
}

function knownPixels({ width, height }: Image, isUnknown: IsUnknown): Int32Array {
  return Int32Array.from(Array(width * height).keys()).filter(
    (pixel) => !isUnknown(pixel % width, Math.floor(pixel / width)),
  );
}

const fill = (image: Image, isUnknown: IsUnknown, radius?: number) =>
  reconstructTelea(observe(image, knownPixels(image, isUnknown)), { radius });

const noise = createImage(9, 7, (x, y, channel) => ((7 * x + 13 * y + 5 * channel) % 17) / 16);
const isHole: IsUnknown = (x, y) =>
  (y >= 1 && y <= 4 && x >= 2 && x <= 5) || ['5,5', '6,5', '6,6', '8,0'].includes(`${x},${y}`);

describe('marchArrivalTimes', () => {
  const open = { isOpen: () => true };

  it('gives the Euclidean distance from a straight edge along an axis', () => {
    const [width, height] = [6, 9];
    const edge = Int32Array.from({ length: width }, (_, x) => x);
    const times = marchArrivalTimes(edge, { width, height }, open);
    times.forEach((time, pixel) => expect(time).toBe(Math.floor(pixel / width)));
  });

  it('gives the distance from a diagonal edge up to the error of its first step', () => {
    const side = 24;
    const edge = Int32Array.from({ length: side }, (_, y) => y * side + (side - 1 - y));
    const times = marchArrivalTimes(edge, { width: side, height: side }, open);
    times.forEach((time, pixel) => {
      const distance = Math.abs((pixel % side) + Math.floor(pixel / side) - (side - 1)) / Math.SQRT2;
      expect(time).toBeCloseTo(distance, 10);
    });
  });

  it('approaches the distance from a point with an error of about a pixel after forty, larger on the diagonals', () => {
    const side = 41;
    const centre = 20 * side + 20;
    const times = marchArrivalTimes(Int32Array.of(centre), { width: side, height: side }, open);
    times.forEach((time, pixel) => {
      const distance = Math.hypot((pixel % side) - 20, Math.floor(pixel / side) - 20);
      expect(time - distance).toBeGreaterThanOrEqual(-1e-12);
      expect(time - distance).toBeLessThan(1.1);
    });
    expect(times[0] - Math.hypot(20, 20)).toBeGreaterThan(0.5);
  });

  it('arrives later than at one of the neighbours everywhere, goes around walls and ends at the latest time', () => {
    const [width, height] = [9, 9];
    const isOpen = (pixel: number) => pixel % width !== 4 || Math.floor(pixel / width) === 8;
    const times = marchArrivalTimes(Int32Array.of(0), { width, height }, { isOpen });
    expect(times[8]).toBeGreaterThan(Math.hypot(4, 8) + Math.hypot(4, 8) - 0.01);
    expect(times[4]).toBe(Infinity);
    times.forEach((time, pixel) => {
      if (pixel === 0 || time === Infinity) return;
      const x = pixel % width;
      const around = [
        x > 0 ? times[pixel - 1] : Infinity,
        x < width - 1 ? times[pixel + 1] : Infinity,
        times[pixel - width] ?? Infinity,
        times[pixel + width] ?? Infinity,
      ];
      expect(time - Math.min(...around)).toBeGreaterThanOrEqual(Math.SQRT1_2 - 1e-12);
    });
    const near = marchArrivalTimes(Int32Array.of(0), { width, height }, { isOpen, latest: 3 });
    near.forEach((time, pixel) => expect(time).toBe(times[pixel] <= 3 ? times[pixel] : Infinity));
  });
});

describe('reconstructTelea', () => {
  it('equals numbers of an independent program: fixed point of the upwind scheme, sums over all pixels', () => {
    const result = fill(noise, isHole);
    const expected = [
      [8, 0.484817, 0.457329, 0.504347],
      [11, 0.517389, 0.393127, 0.479437],
      [12, 0.481767, 0.49632, 0.606339],
      [13, 0.455699, 0.683825, 0.472051],
      [14, 0.322748, 0.519785, 0.595434],
      [20, 0.654717, 0.383876, 0.511502],
      [21, 0.51756, 0.458694, 0.510127],
      [22, 0.419552, 0.547335, 0.490435],
      [23, 0.332455, 0.446186, 0.546578],
      [29, 0.606109, 0.375349, 0.385322],
      [30, 0.493231, 0.522827, 0.435103],
      [31, 0.502186, 0.523624, 0.431679],
      [32, 0.536549, 0.418471, 0.417468],
      [38, 0.50899, 0.733378, 0.333586],
      [39, 0.391062, 0.580332, 0.451091],
      [40, 0.480267, 0.606107, 0.359555],
      [41, 0.570225, 0.604019, 0.314487],
      [50, 0.56464, 0.682712, 0.332609],
      [51, 0.606045, 0.548996, 0.35712],
      [60, 0.619495, 0.514692, 0.347755],
    ];
    expect(expected).toHaveLength(noise.width * noise.height - knownPixels(noise, isHole).length);
    for (const [pixel, ...colour] of expected) {
      colour.forEach((value, channel) => expect(result[pixel * 3 + channel]).toBeCloseTo(value, 5));
    }
  });

  it('continues a ramp along a straight scratch and makes a step of it across one', () => {
    const ramp = createImage(25, 11, (x) => x / 24);
    const along = fill(ramp, (_, y) => y >= 4 && y <= 6);
    for (let x = 6; x < 19; x++) expect(along[(5 * 25 + x) * 3]).toBeCloseTo(x / 24, 6);
    const upright = createImage(25, 11, (_, y) => y / 10);
    const across = fill(upright, (_, y) => y >= 4 && y <= 6);
    for (let x = 0; x < 25; x++) {
      expect(across[(4 * 25 + x) * 3]).toBeLessThan(0.35);
      expect(across[(5 * 25 + x) * 3]).toBeCloseTo(0.5, 6);
      expect(across[(6 * 25 + x) * 3]).toBeGreaterThan(0.65);
    }
  });

  it('commutes with mirroring and transposing', () => {
    const { width, height } = noise;
    const straight = fill(noise, isHole);
    const at = (x: number, y: number, channel: number) => straight[(y * width + x) * 3 + channel];
    const noiseAt: ColourOf = (x, y, channel) => noise.values[(y * width + x) * 3 + channel];
    const mirrored = fill(
      createImage(width, height, (x, y, channel) => noiseAt(width - 1 - x, y, channel)),
      (x, y) => isHole(width - 1 - x, y),
    );
    const transposed = fill(
      createImage(height, width, (x, y, channel) => noiseAt(y, x, channel)),
      (x, y) => isHole(y, x),
    );
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      for (let channel = 0; channel < 3; channel++) {
        const value = at(x, y, channel);
        expect(mirrored[(y * width + width - 1 - x) * 3 + channel]).toBeCloseTo(value, 6);
        expect(transposed[(x * height + y) * 3 + channel]).toBeCloseTo(value, 6);
      }
    }
  });

  it('stays within the range of the known pixels and depends on the radius', () => {
    const result = fill(noise, isHole);
    const known = knownPixels(noise, isHole).length;
    expect(known).toBeLessThan(63);
    expect(Math.min(...result)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...result)).toBeLessThanOrEqual(1);
    expect(fill(noise, isHole, 5)).not.toEqual(result);
  });

  it('refuses an image without known pixels and a radius below a pixel', () => {
    const isUnknown = () => true;
    expect(() => fill(noise, isUnknown)).toThrow('No observed pixel: expected at least 1');
    expect(() => fill(noise, isHole, 0.5)).toThrow('Radius 0.5: expected at least 1 pixel');
  });
});

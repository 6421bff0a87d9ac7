import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitImage, screenSize } from '../../../renderer/models/images/viewport.ts';
import { countKnown, type Mask } from '../../../shared/images/mask.ts';
import {
  invertMask,
  joinAreas,
  type MaskChange,
  type Paint,
  paintAll,
  paintLine,
  paintPolygon,
  paintRectangle,
} from '../../../renderer/models/maskStudio/maskShapes.ts';
import { drawVeil, toScreenArea } from '../../../renderer/models/maskStudio/maskVeil.ts';

const width = 23;
const height = 17;

function full(known: Paint = 1): Mask {
  return { width, height, channels: 1, bits: new Uint8Array(width * height).fill(known) };
}

/** Returns the rows of the mask with `#` for known and `.` for hidden pixels. */
function drawRows({ bits, width }: Mask): string[] {
  return Array.from({ length: bits.length / width }, (_, row) =>
    [...bits.subarray(row * width, (row + 1) * width)].map((byte) => (byte ? '#' : '.')).join(''),
  );
}

const point = fc.record({
  x: fc.double({ min: -8, max: 31, noNaN: true }),
  y: fc.double({ min: -8, max: 25, noNaN: true }),
});
const paint = fc.constantFrom<Paint>(0, 1);
const shape = fc.oneof(
  fc
    .record({ from: point, to: point, diameter: fc.integer({ min: 1, max: 12 }), paint })
    .map((options) => (mask: Mask) => paintLine(mask, options)),
  fc.tuple(point, point, paint).map(
    ([one, other, value]) =>
      (mask: Mask) =>
        paintRectangle(mask, [one, other], value),
  ),
  fc.tuple(fc.array(point, { minLength: 3, maxLength: 9 }), paint).map(
    ([points, value]) =>
      (mask: Mask) =>
        paintPolygon(mask, points, value),
  ),
  fc.constant(invertMask),
  paint.map((value) => (mask: Mask) => paintAll(mask, value)),
);

describe('every shape', () => {
  it('changes only pixels of the area it returns, and counts the change', () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 6 }), (shapes) => {
        const mask = full();
        for (const draw of shapes) {
          const before = mask.bits.slice();
          const { area, gain }: MaskChange = draw(mask);
          expect(countKnown(mask) - countKnown({ bits: before })).toBe(gain);
          mask.bits.forEach((byte, index) => {
            const x = index % width;
            const y = Math.floor(index / width);
            const isInside = x >= area.left && x < area.right && y >= area.top && y < area.bottom;
            if (!isInside) expect(byte).toBe(before[index]);
          });
        }
      }),
    );
  });
});

describe('the brush', () => {
  it('with a diameter of one pixel paints the pixel under the pointer', () => {
    fc.assert(
      fc.property(
        fc.nat(width - 1),
        fc.nat(height - 1),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (x, y, part) => {
          const mask = full();
          const at = { x: x + part, y: y + part };
          expect(paintLine(mask, { from: at, to: at, diameter: 1, paint: 0 }).gain).toBe(-1);
          expect(mask.bits[y * width + x]).toBe(0);
        },
      ),
    );
  });

  it('paints the pixels whose centres are within its radius of the line', () => {
    fc.assert(
      fc.property(point, point, fc.integer({ min: 1, max: 14 }), (from, to, diameter) => {
        const mask = full();
        paintLine(mask, { from, to, diameter, paint: 0 });
        const [a, b] = [from, to].map(({ x, y }) => ({ x: Math.floor(x), y: Math.floor(y) }));
        mask.bits.forEach((byte, index) => {
          const x = index % width;
          const y = Math.floor(index / width);
          const squared = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
          const along = squared && ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / squared;
          const part = Math.min(1, Math.max(0, along));
          const distance = Math.hypot(x - a.x - part * (b.x - a.x), y - a.y - part * (b.y - a.y));
          if (Math.abs(distance - diameter / 2) > 1e-6) expect(byte === 0).toBe(distance < diameter / 2);
        });
      }),
    );
  });
});

describe('a rectangle', () => {
  it('includes both corners in any direction', () => {
    const mask = { width: 5, height: 4, channels: 1 as const, bits: new Uint8Array(20).fill(1) };
    paintRectangle(
      mask,
      [
        { x: 3.9, y: 2.2 },
        { x: 1.1, y: 1.7 },
      ],
      0,
    );
    expect(drawRows(mask)).toEqual(['#####', '#...#', '#...#', '#####']);
  });
});

describe('a lasso', () => {
  it('hides the pixels whose centres it encloses by the even-odd rule', () => {
    const mask = { width: 6, height: 4, channels: 1 as const, bits: new Uint8Array(24).fill(1) };
    paintPolygon(
      mask,
      [
        { x: 1, y: 0 },
        { x: 5, y: 0 },
        { x: 5, y: 4 },
        { x: 1, y: 4 },
      ],
      0,
    );
    expect(drawRows(mask)).toEqual(['#....#', '#....#', '#....#', '#....#']);
    paintPolygon(
      mask,
      [
        { x: 2, y: 1 },
        { x: 4, y: 1 },
        { x: 4, y: 3 },
        { x: 2, y: 3 },
      ],
      1,
    );
    expect(drawRows(mask)).toEqual(['#....#', '#.##.#', '#.##.#', '#....#']);
  });
});

describe('areas', () => {
  it('are joined to the smallest area that contains both; empty ones are ignored', () => {
    const area = { left: 2, top: 3, right: 5, bottom: 6 };
    expect(joinAreas(null, area)).toEqual(area);
    expect(joinAreas({ left: 9, top: 9, right: 9, bottom: 20 }, area)).toEqual(area);
    expect(joinAreas(area, { left: 0, top: 4, right: 1, bottom: 9 })).toEqual({
      left: 0,
      top: 3,
      right: 5,
      bottom: 9,
    });
  });
});

const side = fc.integer({ min: 1, max: 40 });
const density = fc.constantFrom(1, 1.5, 2);

function fitToPane(
  image: { width: number; height: number },
  pane: { width: number; height: number },
  dense = 1,
) {
  return { view: fitImage(image, pane), pane, density: dense };
}

describe('the veil', () => {
  it('covers exactly the screen pixels of hidden pixels', () => {
    const mask = { width: 2, height: 1, channels: 1 as const, bits: Uint8Array.of(1, 0) };
    const place = fitToPane(mask, { width: 8, height: 6 });
    const { width, height } = screenSize(place);
    const rgba = drawVeil(mask, place, { left: 0, top: 0, right: width, bottom: height });
    const covered = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_x, column) =>
        rgba[4 * (row * width + column) + 3] > 0 ? '.' : ' ',
      ).join(''),
    );
    expect(covered).toEqual(['        ', '    ....', '    ....', '    ....', '    ....', '        ']);
  });

  it('of a mask for each channel is multiplied with the image, which leaves the known channels, and is striped where nothing is known', () => {
    const bits = Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0, 0);
    const mask: Mask = { width: 3, height: 1, channels: 3, bits };
    const place = fitToPane(mask, { width: 3, height: 1 });
    const rgba = drawVeil(mask, place, { left: 0, top: 0, right: 3, bottom: 1 });
    expect([...rgba.subarray(0, 8)]).toEqual([255, 0, 0, 255, 0, 255, 255, 255]);
    const striped = drawVeil({ ...mask, channels: 1, bits: new Uint8Array(3) }, place, {
      left: 0,
      top: 0,
      right: 3,
      bottom: 1,
    });
    expect([...rgba.subarray(8, 11)]).toEqual([...striped.subarray(8, 11)]);
    expect(rgba[11]).toBe(255);
  });

  it('is the same if it is drawn in parts', () => {
    fc.assert(
      fc.property(side, side, density, fc.nat(), (wide, tall, dense, seed) => {
        const bits = Uint8Array.from({ length: wide * tall }, (_, index) =>
          (index * 7 + seed) % 3 === 0 ? 1 : 0,
        );
        const mask = { width: wide, height: tall, channels: 1 as const, bits };
        const place = fitToPane(mask, { width: 31, height: 23 }, dense);
        const { width, height } = screenSize(place);
        const whole = drawVeil(mask, place, { left: 0, top: 0, right: width, bottom: height });
        const area = toScreenArea({ left: 0, top: 0, right: Math.ceil(wide / 2), bottom: tall }, place);
        const part = drawVeil(mask, place, area);
        const partWidth = area.right - area.left;
        for (let row = area.top; row < area.bottom; row++) {
          const from = 4 * (row - area.top) * partWidth;
          const at = 4 * (row * width + area.left);
          expect(part.slice(from, from + 4 * partWidth)).toEqual(whole.slice(at, at + 4 * partWidth));
        }
      }),
    );
  });

  it('is as strong as the fraction of hidden pixels on a reduced image', () => {
    const mask = {
      width: 64,
      height: 64,
      channels: 1 as const,
      bits: Uint8Array.from({ length: 4096 }, (_, index) => index & 1),
    };
    const place = fitToPane(mask, { width: 16, height: 16 });
    const rgba = drawVeil(mask, place, { left: 0, top: 0, right: 16, bottom: 16 });
    const full = drawVeil({ ...mask, bits: new Uint8Array(4096) }, place, {
      left: 0,
      top: 0,
      right: 16,
      bottom: 16,
    });
    for (let at = 3; at < rgba.length; at += 4) expect(rgba[at]).toBe(full[at] / 2);
  });
});

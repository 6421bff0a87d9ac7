import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitImage, screenSize } from '../../../renderer/models/images/viewport.ts';
import { drawVeil, toScreenArea } from '../../../renderer/models/maskStudio/maskVeil.ts';

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
    const mask = { width: 2, height: 1, bytes: Uint8Array.of(1, 0) };
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

  it('is the same if it is drawn in parts', () => {
    fc.assert(
      fc.property(side, side, density, fc.nat(), (wide, tall, dense, seed) => {
        const bytes = Uint8Array.from({ length: wide * tall }, (_, index) =>
          (index * 7 + seed) % 3 === 0 ? 1 : 0,
        );
        const mask = { width: wide, height: tall, bytes };
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
    const mask = { width: 64, height: 64, bytes: Uint8Array.from({ length: 4096 }, (_, index) => index & 1) };
    const place = fitToPane(mask, { width: 16, height: 16 });
    const rgba = drawVeil(mask, place, { left: 0, top: 0, right: 16, bottom: 16 });
    const full = drawVeil({ ...mask, bytes: new Uint8Array(4096) }, place, {
      left: 0,
      top: 0,
      right: 16,
      bottom: 16,
    });
    for (let at = 3; at < rgba.length; at += 4) expect(rgba[at]).toBe(full[at] / 2);
  });
});

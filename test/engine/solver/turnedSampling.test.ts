import { describe, expect, it } from 'vitest';
import { pictureSymmetries, turnBack, turnPictures } from '../../../main/engine/solver/turnedSampling.ts';

/** Two pictures in which no number stands twice. */
const pictures = (pixels: number) => Float32Array.from({ length: 2 * 3 * pixels }, (_, index) => index);

describe('the symmetries of a picture', () => {
  it('are itself, its mirror image, and the turned ones of a square', () => {
    const size = { height: 3, width: 3 };
    expect(pictureSymmetries(1, size)).toHaveLength(1);
    expect(new Set(pictureSymmetries(8, size).map((symmetry) => symmetry.join())).size).toBe(8);
    const [identity, mirror] = pictureSymmetries(2, size);
    expect([...identity]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...mirror]).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6]);
  });

  it('of a picture that is not square are two, and more are refused', () => {
    const [, mirror] = pictureSymmetries(2, { height: 2, width: 3 });
    expect([...mirror]).toEqual([2, 1, 0, 5, 4, 3]);
    expect(pictureSymmetries(1, { height: 2, width: 3 })).toHaveLength(1);
    expect(() => pictureSymmetries(8, { height: 2, width: 3 })).toThrow('3×2 pixels cannot be turned');
  });

  it('turn every picture of a batch, and back to what it was', () => {
    for (const symmetry of pictureSymmetries(8, { height: 4, width: 4 })) {
      const turned = turnPictures(pictures(16), symmetry);
      expect(turned.subarray(48 + 3 * symmetry[5], 48 + 3 * symmetry[5] + 3)).toEqual(
        pictures(16).subarray(63, 66),
      );
      expect(turnBack(turned, symmetry)).toEqual(pictures(16));
    }
  });
});

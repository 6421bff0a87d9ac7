import { describe, expect, it } from 'vitest';
import { previewRows } from '../../main/compute/previewRows.ts';
import { imageAt, type ImageBatch, observe } from '../../shared/images/image.ts';

/** Two pictures of 1 × 2 pixels whose channels are `first`, `first` + 1, … in 8-bit steps. */
function pictures(first: number): ImageBatch {
  const values = Float32Array.from({ length: 12 }, (_, index) => (first + index) / 255);
  return { count: 2, height: 1, width: 2, values };
}

describe('previewRows', () => {
  it('puts truth, observed pixels on grey, and result side by side, one image below the other', () => {
    const truth = pictures(0);
    const observations = [
      observe(imageAt(truth, 0), Int32Array.of(1)),
      observe(imageAt(truth, 1), Int32Array.of(0)),
    ];
    const { height, width, pixels } = previewRows(truth, observations, pictures(100));
    expect([height, width]).toEqual([2, 6]);
    const grey = [128, 128, 128];
    expect([...pixels.subarray(0, 18)]).toEqual([
      ...[0, 1, 2, 3, 4, 5],
      ...[...grey, 3, 4, 5],
      ...[100, 101, 102, 103, 104, 105],
    ]);
    expect([...pixels.subarray(18)]).toEqual([
      ...[6, 7, 8, 9, 10, 11],
      ...[6, 7, 8, ...grey],
      ...[106, 107, 108, 109, 110, 111],
    ]);
  });
});

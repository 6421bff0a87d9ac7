/** Linear interpolation on the Delaunay triangles of the observed pixels; outside their hull the nearest observed pixel. */

import Delaunator from 'delaunator';
import type { SparseObservation } from '../../../shared/images/image.ts';
import { reconstructNearest } from './nearest.ts';

/**
 * Returns height × width × 3 values, exact at observed pixels; affine images are reproduced exactly inside the hull. With
 * fewer than three observed pixels, or all on one line, the result is that of `reconstructNearest`. O(n log n + pixels).
 */
export function reconstructLinear(observation: SparseObservation): Float32Array {
  const { indices, width } = observation;
  const output = reconstructNearest(observation);
  const points = new Float64Array(indices.length * 2);
  indices.forEach((pixel, row) => points.set([pixel % width, Math.floor(pixel / width)], row * 2));
  const { triangles } = new Delaunator(points);
  for (let corner = 0; corner < triangles.length; corner += 3) {
    fillTriangle(output, observation, triangles.subarray(corner, corner + 3));
  }
  return output;
}

/** Interpolates inside one triangle. Corners are integers, so that the barycentric weights times `area` are exact and no pixel falls between triangles. */
function fillTriangle(output: Float32Array, observation: SparseObservation, corners: Uint32Array): void {
  const { width, indices } = observation;
  const [ax, bx, cx] = Array.from(corners, (row) => indices[row] % width);
  const [ay, by, cy] = Array.from(corners, (row) => Math.floor(indices[row] / width));
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  const sign = Math.sign(area);
  for (let y = Math.min(ay, by, cy); y <= Math.max(ay, by, cy); y++) {
    for (let x = Math.min(ax, bx, cx); x <= Math.max(ax, bx, cx); x++) {
      const a = (bx - x) * (cy - y) - (cx - x) * (by - y);
      const b = (cx - x) * (ay - y) - (ax - x) * (cy - y);
      const c = area - a - b;
      if (area === 0 || a * sign < 0 || b * sign < 0 || c * sign < 0) continue;
      blend(output.subarray((y * width + x) * 3), observation.values, { corners, weights: [a, b, c], area });
    }
  }
}

interface Blend {
  readonly corners: Uint32Array;
  readonly weights: readonly [number, number, number];
  readonly area: number;
}

function blend(output: Float32Array, values: Float32Array, { corners, weights, area }: Blend): void {
  for (let channel = 0; channel < 3; channel++) {
    const a = weights[0] * values[corners[0] * 3 + channel];
    const b = weights[1] * values[corners[1] * 3 + channel];
    const c = weights[2] * values[corners[2] * 3 + channel];
    output[channel] = (a + b + c) / area;
  }
}

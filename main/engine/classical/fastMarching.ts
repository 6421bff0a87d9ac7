/**
 * Fast marching: arrival times of a front of speed 1, |∇T| = 1. Sethian 1996, "A fast marching level set method for monotonically
 * advancing fronts".
 */

import type { ImageSize } from './nearest.ts';

export interface MarchOptions {
  /** Whether the front may enter a pixel. */
  readonly isOpen: (pixel: number) => boolean;
  /** The march ends where the front would arrive later; default: never. */
  readonly latest?: number;
}

/**
 * Returns the arrival time of every pixel, in pixels: 0 at `sources`, Infinity where the front does not arrive. Exact for fronts
 * along rows or columns, otherwise of first order. Independent of the order of `sources`. O(pixels × log(pixels)).
 */
export function marchArrivalTimes(
  sources: Int32Array,
  { height, width }: ImageSize,
  { isOpen, latest = Infinity }: MarchOptions,
): Float64Array {
  const times = new Float64Array(height * width).fill(Infinity);
  const isFinal = new Uint8Array(height * width);
  const queue = createQueue();
  sources.forEach((pixel) => {
    times[pixel] = 0;
    queue.push(pixel, 0);
  });
  const finalTime = (pixel: number, isInside: boolean) =>
    isInside && isFinal[pixel] === 1 ? times[pixel] : Infinity;
  const visit = (pixel: number) => {
    if (isFinal[pixel] === 1 || !isOpen(pixel)) return;
    const x = pixel % width;
    const horizontal = Math.min(finalTime(pixel - 1, x > 0), finalTime(pixel + 1, x < width - 1));
    const vertical = Math.min(
      finalTime(pixel - width, pixel >= width),
      finalTime(pixel + width, pixel < (height - 1) * width),
    );
    const time = solveEikonal(horizontal, vertical);
    if (time >= times[pixel] || time > latest) return;
    times[pixel] = time;
    queue.push(pixel, time);
  };
  for (let pixel = queue.pop(); pixel >= 0; pixel = queue.pop()) {
    // A pixel that became earlier is in the queue several times; its first exit is the valid one.
    if (isFinal[pixel] === 1) continue;
    isFinal[pixel] = 1;
    const x = pixel % width;
    if (x > 0) visit(pixel - 1);
    if (x < width - 1) visit(pixel + 1);
    if (pixel >= width) visit(pixel - width);
    if (pixel < (height - 1) * width) visit(pixel + width);
  }
  return times;
}

/** Solves max(T − a, 0)² + max(T − b, 0)² = 1 for the earlier neighbours' times along both axes; one of them is finite. */
function solveEikonal(a: number, b: number): number {
  const first = Math.min(a, b);
  const difference = Math.abs(a - b);
  if (!(difference < 1)) return first + 1;
  return (a + b + Math.sqrt(2 - difference * difference)) / 2;
}

interface PixelQueue {
  push(pixel: number, time: number): void;
  /** Removes and returns the pixel with the earliest time; −1 when the queue is empty. */
  pop(): number;
}

/** Binary heap. Williams 1964, "Algorithm 232: Heapsort". */
function createQueue(): PixelQueue {
  const pixels: number[] = [];
  const times: number[] = [];
  const place = (at: number, pixel: number, time: number) => {
    pixels[at] = pixel;
    times[at] = time;
  };
  return {
    push(pixel, time) {
      let at = pixels.length;
      for (let parent = (at - 1) >> 1; at > 0 && times[parent] > time; parent = (at - 1) >> 1) {
        place(at, pixels[parent], times[parent]);
        at = parent;
      }
      place(at, pixel, time);
    },
    pop() {
      const pixel = pixels.pop();
      const time = times.pop();
      if (pixel === undefined || time === undefined) return -1;
      if (pixels.length === 0) return pixel;
      const earliest = pixels[0];
      let at = 0;
      for (let child = 1; child < pixels.length; child = 2 * at + 1) {
        if (child + 1 < pixels.length && times[child + 1] < times[child]) child++;
        if (times[child] >= time) break;
        place(at, pixels[child], times[child]);
        at = child;
      }
      place(at, pixel, time);
      return earliest;
    },
  };
}

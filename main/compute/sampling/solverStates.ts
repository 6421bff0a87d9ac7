/** Intermediate states of the images of a batch, from the start of sampling to its end. */

import type { SolverHooks, SolverStep } from '../../engine/solver/solver.ts';

/** An intermediate state of one image. */
export interface SampleState {
  /** Which of the places along the way it takes, from 0: see `createStateKeeper`. */
  readonly place: number;
  /** Where along the path it is: 0 … 1. */
  readonly time: number;
  /** pixels × 3 values as the solver has them: neither clamped nor pasted. */
  readonly values: Float32Array;
}

/** An observer that adds at most `most` states to the list of each image, which is in the row given for it. */
export function watchStates(
  most: number,
  images: readonly { readonly row: number; readonly states: SampleState[] }[],
): NonNullable<SolverHooks['onStep']> {
  const watched = images.map((image) => ({ ...image, keep: createStateKeeper(most) }));
  return ({ index, count, time, times, state }) => {
    let values: Float32Array | undefined;
    const size = state.size / state.shape[0];
    for (const { row, states, keep } of watched) {
      const at = times?.[row] ?? time;
      const place = keep({ index, count, time: at });
      if (place === null) continue;
      values ??= state.dataSync() as Float32Array;
      states.push({ place, time: at, values: values.slice(row * size, (row + 1) * size) });
    }
  };
}

/**
 * Says of each step, in their order, which of `most` places along the way it takes: the start (index 0) the first, the end
 * the last, and every place the first step that falls to it. null: that place is taken. Few steps leave places free.
 */
export function createStateKeeper(
  most: number,
): (step: Pick<SolverStep, 'index' | 'count' | 'time'>) => number | null {
  let taken = -1;
  return ({ index, count, time }) => {
    // Of steps that the solver finds on the way nobody knows how many come.
    const place = Math.floor(count === null ? time * (most - 1) : (index * (most - 1)) / count);
    if (place <= taken) return null;
    taken = place;
    return place;
  };
}

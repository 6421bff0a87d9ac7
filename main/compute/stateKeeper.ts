/** Which of a solver's states are looked at: a few, evenly spread over the way. */

import type { SolverStep } from '../engine/solver/solver.ts';

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

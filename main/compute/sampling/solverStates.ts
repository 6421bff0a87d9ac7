/** Intermediate states of the images of a batch, from the start of sampling to its end. */

import * as tf from '@tensorflow/tfjs-core';
import { takeValues } from '../../engine/tensors.ts';
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

/** An observer of a solver. */
export interface StateWatch {
  readonly onStep: NonNullable<SolverHooks['onStep']>;
  /** Returns the states of each image once all have been read. */
  finish(): Promise<SampleState[][]>;
}

/** Watches a batch: keeps at most `most` states of the image in each of the rows. */
export function watchStates(most: number, rows: readonly number[]): StateWatch {
  const watched = rows.map((row) => ({ row, keep: createStateKeeper(most) }));
  const states: Promise<SampleState>[][] = rows.map(() => []);
  return {
    onStep({ index, count, time, times, state }) {
      let values: Promise<Float32Array> | undefined;
      const size = state.size / state.shape[0];
      watched.forEach(({ row, keep }, image) => {
        const at = times?.[row] ?? time;
        const place = keep({ index, count, time: at });
        if (place === null) return;
        // The solver continues, and disposes of its state, before the numbers arrive.
        values ??= takeValues(tf.keep(state.clone()));
        const own = values.then((all) => all.slice(row * size, (row + 1) * size));
        states[image].push(own.then((found) => ({ place, time: at, values: found })));
      });
    },
    finish: () => Promise.all(states.map((own) => Promise.all(own))),
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

/** The states of a sample on its way from the start to the end. */

import type { SolverHooks } from '../engine/solver/solver.ts';
import { createStateKeeper } from './stateKeeper.ts';

export interface SampleState {
  /** Which of the places along the way it takes, from 0: see `createStateKeeper`. */
  readonly place: number;
  /** Where along the path it stands: 0 … 1. */
  readonly time: number;
  /** count × pixels × 3 values as the solver has them: neither clamped nor pasted. */
  readonly values: Float32Array;
}

/** An observer that adds at most `most` states; the others are not read. */
export function watchStates(most: number, states: SampleState[]): NonNullable<SolverHooks['onStep']> {
  const keep = createStateKeeper(most);
  return (step) => {
    const place = keep(step);
    if (place === null) return;
    states.push({ place, time: step.time, values: step.state.dataSync() as Float32Array });
  };
}

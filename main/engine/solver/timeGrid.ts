/** The times a solver visits. */

export interface TimeGrid {
  /** steps + 1 increasing times from 0 to 1. */
  readonly times: readonly number[];
  /**
   * True where the velocity is undefined at t = 1 (a network that predicts data: v = (x̂₁ − x_t) / (1 − t)). The last
   * step is then a single Euler step, which lands on x̂₁ exactly.
   */
  readonly isSingularAtEnd: boolean;
}

/** `steps` equal steps. @throws RangeError unless steps is an integer ≥ 1. */
export function uniformGrid(steps: number, options: { isSingularAtEnd: boolean }): TimeGrid {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`A solver needs a whole number of steps ≥ 1, found ${steps}.`);
  }
  return { times: Array.from({ length: steps + 1 }, (_, index) => index / steps), ...options };
}

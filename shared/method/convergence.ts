/** How fast the error of a solver falls with its number of function evaluations. */

export interface SolverPoint {
  readonly nfe: number;
  /** Root mean squared difference from the fine solution. */
  readonly error: number;
}

/** Errors below are rounding of float32 numbers and say nothing about a solver. */
const smallestError = 2e-5;
/** Number of the finest points that the slope is fitted to: coarser ones are not yet asymptotic. */
const fitted = 3;

/**
 * Returns the order p of error ∝ NFE^−p: the negative slope of the least-squares line through the logarithms of the three
 * finest points above rounding; null for fewer than two.
 */
export function convergenceOrder(points: readonly SolverPoint[]): number | null {
  const used = points
    .filter(({ error }) => error > smallestError)
    .toSorted((one, other) => one.nfe - other.nfe)
    .slice(-fitted)
    .map(({ nfe, error }) => [Math.log(nfe), Math.log(error)] as const);
  if (used.length < 2) return null;
  const mean = (axis: 0 | 1) => used.reduce((sum, point) => sum + point[axis], 0) / used.length;
  const [middleX, middleY] = [mean(0), mean(1)];
  const covariance = used.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0);
  return -covariance / used.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
}

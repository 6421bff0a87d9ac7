/**
 * Spread–skill ratio: √((1 + 1/N) mean variance) / RMSE of the ensemble mean. 1 when calibrated, below 1 when the
 * samples agree too much.
 * Fortin et al. 2014, "Why should ensemble spread match the RMSE of the ensemble mean?", eq. 15.
 */

/** Infinity when the mean is exact. `variance` is unbiased (N − 1) and `error` the mean squared error of the mean. */
export function spreadSkill(of: { variance: number; error: number; samples: number }): number {
  return Math.sqrt(((1 + 1 / of.samples) * of.variance) / of.error);
}

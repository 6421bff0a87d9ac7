/**
 * Spread–skill ratio: √((1 + 1/N) mean variance) / RMSE of the ensemble mean. 1 when calibrated, below 1 when the
 * samples agree too much.
 * Fortin et al. 2014, "Why should ensemble spread match the RMSE of the ensemble mean?", eq. 15.
 */

/** Infinity where the mean is exact and the samples differ, null where neither differs. `variance` is unbiased (N − 1) and `error` the mean squared error of the mean. */
export function spreadSkill(of: { variance: number; error: number; samples: number }): number | null {
  if (of.variance === 0 && of.error === 0) return null;
  return Math.sqrt(((1 + 1 / of.samples) * of.variance) / of.error);
}

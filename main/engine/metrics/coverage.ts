/**
 * How often central intervals of an ensemble hold the truth, read from its rank histogram.
 * Czado, Gneiting & Held 2009, "Predictive model assessment for count data", eq. 2 (the transform without randomness).
 */

/**
 * The share of truths inside the central interval of probability `level`, in [0, 1]. Rank r of N samples stands for
 * the probabilities r/(N+1) to (r+1)/(N+1); a rank that the interval's end cuts counts by the part inside. A calibrated
 * ensemble covers exactly `level`, however few its samples; but as few samples do not tell what lies beyond them, one
 * that never holds the truth still reads max(0, 1 − (N+1)(1−level)/2).
 * @throws RangeError unless 0 < level < 1 and there are at least two ranks.
 */
export function coverage(rankShares: ArrayLike<number>, level: number): number {
  const ranks = rankShares.length;
  if (!(level > 0 && level < 1) || ranks < 2) {
    throw new RangeError(
      `Coverage needs a level between 0 and 1 and at least 2 ranks, found ${level} and ${ranks}.`,
    );
  }
  const [low, high] = [(1 - level) / 2, (1 + level) / 2];
  let covered = 0;
  for (let rank = 0; rank < ranks; rank++) {
    const inside = Math.min(high, (rank + 1) / ranks) - Math.max(low, rank / ranks);
    covered += rankShares[rank] * Math.max(0, inside) * ranks;
  }
  return covered;
}

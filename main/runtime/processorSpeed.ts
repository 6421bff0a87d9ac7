/** A short measurement of one core, for estimates of time on a machine that has computed nothing yet. */

/** Milliseconds of `eliminate` on the core on which the cost models of `shared/config` were measured. */
const referenceMilliseconds = 1.7;
const [warmUps, repetitions] = [3, 9];

let measured: number | null = null;

/**
 * Returns how many times as long as on the reference core this one takes; takes 30 ms the first time.
 * @param now Clock in milliseconds.
 */
export function measureSlowness(now: () => number = () => performance.now()): number {
  return (measured ??= timeOnce(now) / referenceMilliseconds);
}

/** The fastest repetition is the one that other work has disturbed least. */
export function timeOnce(now: () => number): number {
  for (let run = 0; run < warmUps; run++) eliminate();
  const times = Array.from({ length: repetitions }, () => {
    const start = now();
    eliminate();
    return now() - start;
  });
  return Math.min(...times);
}

/** Gaussian elimination of a dense matrix: multiplications and memory traffic like those of the classical methods. */
function eliminate(): number {
  const size = 160;
  const matrix = Float64Array.from({ length: size * size }, (_, at) => {
    const distance = Math.abs(Math.floor(at / size) - (at % size));
    return 1 / (1 + distance) + (distance === 0 ? size : 0);
  });
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = matrix[row * size + pivot] / matrix[pivot * size + pivot];
      for (let column = pivot + 1; column < size; column++)
        matrix[row * size + column] -= factor * matrix[pivot * size + column];
    }
  }
  return matrix[size * size - 1];
}

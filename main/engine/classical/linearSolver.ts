/** Direct solution of a dense linear system: LU with partial pivoting. Golub & Van Loan, "Matrix Computations", §3.4. */

export interface LinearSystem {
  /** Row-major [size, size], overwritten by its factors. */
  readonly matrix: Float64Array;
  readonly size: number;
  /** Right-hand sides [size, columns], overwritten by the solution. */
  readonly values: Float64Array;
  readonly columns: number;
}

/**
 * Solves the system in place, in O(size³ / 3 + size² × columns).
 * @throws Error when the matrix is singular.
 */
export function solveLinearSystem(system: LinearSystem): void {
  factorise(system);
  substituteForward(system);
  substituteBackward(system);
}

function factorise(system: LinearSystem): void {
  const { matrix, size } = system;
  for (let k = 0; k < size; k++) {
    const pivotRow = findPivot(matrix, size, k);
    if (pivotRow !== k) exchangeRows(system, k, pivotRow);
    const pivot = matrix[k * size + k];
    for (let i = k + 1; i < size; i++) {
      const factor = matrix[i * size + k] / pivot;
      matrix[i * size + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < size; j++) matrix[i * size + j] -= factor * matrix[k * size + j];
    }
  }
}

function findPivot(matrix: Float64Array, size: number, k: number): number {
  let row = k;
  for (let i = k + 1; i < size; i++) {
    if (Math.abs(matrix[i * size + k]) > Math.abs(matrix[row * size + k])) row = i;
  }
  const pivot = matrix[row * size + k];
  if (pivot === 0 || !Number.isFinite(pivot)) {
    throw new Error(
      `Pivot ${k} of ${size} is ${pivot}: expected a regular matrix; check for repeated or collinear points.`,
    );
  }
  return row;
}

function exchangeRows({ matrix, size, values, columns }: LinearSystem, a: number, b: number): void {
  const held = matrix.slice(a * size, (a + 1) * size);
  matrix.copyWithin(a * size, b * size, (b + 1) * size);
  matrix.set(held, b * size);
  const heldValues = values.slice(a * columns, (a + 1) * columns);
  values.copyWithin(a * columns, b * columns, (b + 1) * columns);
  values.set(heldValues, b * columns);
}

function substituteForward(system: LinearSystem): void {
  for (let i = 0; i < system.size; i++) subtractRows(system, i, { from: 0, to: i });
}

function substituteBackward(system: LinearSystem): void {
  const { matrix, size, values, columns } = system;
  for (let i = size - 1; i >= 0; i--) {
    subtractRows(system, i, { from: i + 1, to: size });
    const pivot = matrix[i * size + i];
    for (let index = i * columns; index < (i + 1) * columns; index++) values[index] /= pivot;
  }
}

/** Computes values[row] −= Σ matrix[row, k] · values[k], four k at a time, because memory traffic dominates. */
function subtractRows(
  { matrix, size, values, columns }: LinearSystem,
  row: number,
  { from, to }: { from: number; to: number },
): void {
  const target = row * columns;
  let k = from;
  for (; k + 3 < to; k += 4) {
    const a = matrix[row * size + k];
    const b = matrix[row * size + k + 1];
    const c = matrix[row * size + k + 2];
    const d = matrix[row * size + k + 3];
    const source = k * columns;
    for (let j = 0; j < columns; j++) {
      const first = a * values[source + j] + b * values[source + columns + j];
      const second = c * values[source + 2 * columns + j] + d * values[source + 3 * columns + j];
      values[target + j] -= first + second;
    }
  }
  for (; k < to; k++) {
    const factor = matrix[row * size + k];
    for (let j = 0; j < columns; j++) values[target + j] -= factor * values[k * columns + j];
  }
}

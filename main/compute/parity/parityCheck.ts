/** What a parity check is, and how two arrays are compared. */

/** A type, not an interface: only then may it leave a `tf.tidy` scope. */
export type ParityCheck = {
  readonly name: string;
  /** Largest absolute difference over largest absolute value, unless the check says otherwise. */
  readonly error: number;
  readonly tolerance: number;
  readonly ok: boolean;
};

export interface SkippedCheck {
  readonly name: string;
  readonly reason: string;
}

/** A check from a measured error; an error that is not a number fails. */
export function checkError(name: string, error: number, tolerance: number): ParityCheck {
  return { name, error, tolerance, ok: error <= tolerance };
}

/**
 * max |found − expected| / scale, where the scale is max |expected| unless given; absolute where the scale is 0, infinite
 * where the lengths differ.
 */
export function compareArrays(
  name: string,
  arrays: { found: ArrayLike<number>; expected: ArrayLike<number>; scale?: number },
  tolerance: number,
): ParityCheck {
  const { found, expected } = arrays;
  if (found.length !== expected.length) return checkError(name, Number.POSITIVE_INFINITY, tolerance);
  let difference = 0;
  for (let index = 0; index < expected.length; index++) {
    // Math.max keeps NaN, whatever follows: the check then fails.
    difference = Math.max(difference, Math.abs(found[index] - expected[index]));
  }
  const scale = arrays.scale ?? largestMagnitude(expected);
  return checkError(name, scale > 0 ? difference / scale : difference, tolerance);
}

/** max |value|; 0 for nothing. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]));
  return largest;
}

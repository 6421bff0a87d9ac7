/** Round numbers along an axis, and how they are written. */

/** Multiples of 1, 2 or 5 times a power of ten inside [min, max], about so many at most. */
export function niceTicks(min: number, max: number, count: number): number[] {
  if (!(max > min)) return [min];
  const wanted = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const spacing = power * ([1, 2, 5].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(min / spacing - 1e-9);
  const last = Math.floor(max / spacing + 1e-9);
  // Multiplied, not added up: 0.1 + 0.2 would be written with all its digits.
  return Array.from({ length: last - first + 1 }, (_, index) => cleaned((first + index) * spacing));
}

/** Powers of ten inside [min, max]; between close ends also their multiples, as many as it takes. Both ends above 0. */
export function logarithmicTicks(min: number, max: number): number[] {
  const powers = Array.from(
    { length: Math.floor(Math.log10(max)) - Math.floor(Math.log10(min)) + 1 },
    (_, index) => 10 ** (Math.floor(Math.log10(min)) + index),
  );
  const isInside = (value: number) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const plain = powers.filter(isInside);
  if (plain.length > 2) return plain;
  const multiples = (factors: readonly number[]) =>
    powers.flatMap((power) => factors.map((factor) => cleaned(factor * power))).filter(isInside);
  const few = multiples([1, 2, 5]);
  if (few.length > 2) return few;
  const more = multiples([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return more.length > 2 ? more : niceTicks(min, max, 4);
}

/** Without the noise of binary fractions; very large and very small ones with an exponent. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace(/\.?0+e/, 'e');
  return String(cleaned(value)).replace('-', '−');
}

function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}

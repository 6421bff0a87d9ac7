/** Values of a pixel as colours of CSS. */

/** Returns the values of `#rrggbb` in [0, 1]. */
export function readColour(text: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16) / 255);
}

/** Returns values as a colour of CSS; those outside [0, 1] are clamped. */
export function writeColour(values: readonly number[]): string {
  return `rgb(${values.map((value) => Math.round(255 * Math.min(1, Math.max(0, value)))).join(' ')})`;
}

/** Returns values in [0, 1] as `#rrggbb`. */
export function hexOf(values: readonly number[]): string {
  return `#${values
    .map((value) =>
      Math.round(255 * value)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

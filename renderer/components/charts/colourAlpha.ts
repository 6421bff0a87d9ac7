/** Colours of themes and pictures, made transparent. */

/** `#1f5fa8` with an opacity of 0 to 1; `rgb(…)` as well. */
export function withAlpha(colour: string, alpha: number): string {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(colour);
  const hex = short
    ? `#${short
        .slice(1)
        .map((digit) => digit + digit)
        .join('')}`
    : colour;
  const parts = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i
    .exec(hex)
    ?.slice(1)
    .map((part) => parseInt(part, 16));
  const numbers = parts ?? /(\d+), (\d+), (\d+)/.exec(colour)?.slice(1).map(Number) ?? [128, 128, 128];
  return `rgba(${numbers.join(', ')}, ${alpha})`;
}

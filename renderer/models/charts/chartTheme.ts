/** The colours a chart is drawn with. */

export interface ChartTheme {
  readonly isDark: boolean;
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly accent: string;
}

/** For images that go into papers. */
export const printTheme: ChartTheme = {
  isDark: false,
  background: 'rgb(255, 255, 255)',
  text: 'rgb(0, 0, 0)',
  muted: 'rgb(60, 60, 60)',
  grid: 'rgb(225, 225, 225)',
  accent: 'rgb(31, 95, 168)',
};

/** Returns a colour (`#1f5fa8` or `rgb(…)`) with an opacity from 0 to 1. */
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

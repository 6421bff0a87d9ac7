/** The colours of maps of errors and other positive numbers: from dark to bright with uniform lightness, readable for the colour-blind. */

type Colour = readonly [number, number, number];

/** Colours of the map "magma" at even spacing from 0 to 1. */
const anchors: readonly Colour[] = [
  [0, 0, 4],
  [24, 15, 61],
  [68, 15, 118],
  [114, 31, 129],
  [158, 47, 127],
  [205, 64, 113],
  [241, 96, 93],
  [253, 150, 104],
  [254, 202, 141],
  [252, 253, 191],
];

/** Returns the colour of a value in [0, 1]; values outside are clamped. */
export function colourOf(value: number): Colour {
  const position = Math.min(1, Math.max(0, value)) * (anchors.length - 1);
  const index = Math.min(anchors.length - 2, Math.floor(position));
  const from = anchors[index];
  const to = anchors[index + 1];
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (position - index) * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}

/** Returns the map as a CSS gradient from left to right. */
export function colourGradient(): string {
  return `linear-gradient(to right, ${anchors.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;
}

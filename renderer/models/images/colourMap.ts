/** Colours of an error: dark to bright, even in lightness, readable without seeing red or green. */

type Colour = readonly [number, number, number];

/** Anchors of the map "magma", evenly spaced from 0 to 1. */
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

/** The colour of `share`; below 0 the first, above 1 the last. */
export function colourOf(share: number): Colour {
  const place = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const index = Math.min(anchors.length - 2, Math.floor(place));
  const [from, to] = [anchors[index], anchors[index + 1]];
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (place - index) * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}

/** The map as a CSS gradient from left to right. */
export function colourGradient(): string {
  return `linear-gradient(to right, ${anchors.map((colour) => `rgb(${colour.join(' ')})`).join(', ')})`;
}

/** Images and maps of a study as charts, so that they are saved like every other figure. */

import type { SvgChart, SvgMark } from '../../../shared/charts/svgChart.ts';
import { queryOfPixel, type Study, type StudyImage } from '../../../shared/study.ts';
import { formatSignificant } from '../../../shared/text/format.ts';
import { colourOf } from '../images/colourMap.ts';

type Size = Pick<Study, 'height' | 'width'>;

/** Colours of a scale in a legend. */
const stops = 12;
const scale = () =>
  Array.from({ length: stops }, (_, index) => rgb(colourOf(darkest + ((1 - darkest) * index) / (stops - 1))));

function rgb(colour: readonly number[]): string {
  return `#${colour.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}

function axesOf({ height, width }: Size): Pick<SvgChart, 'x' | 'y' | 'isImage'> {
  return {
    isImage: true,
    x: { title: 'Column', range: [0, width] },
    y: { title: 'Row', range: [height, 0] },
  };
}

/** Returns an image of P × 3 values; those outside [0, 1] are cut off, pixels that are not finite are left free. */
export function imageChart(title: string, values: Float32Array, size: Size): SvgChart {
  const pixels = values.length / 3;
  const channel = (offset: number) =>
    Float32Array.from({ length: pixels }, (_, pixel) => values[3 * pixel + offset]);
  const byte = (value: number) => 255 * Math.min(1, Math.max(0, value));
  return {
    title,
    ...axesOf(size),
    marks: [
      {
        kind: 'cells',
        label: '',
        scale: [],
        columns: size.width,
        colours: Array.from({ length: pixels }, (_, pixel) => {
          const colour = values.subarray(3 * pixel, 3 * pixel + 3);
          return colour.every(Number.isFinite) ? rgb(Array.from(colour, byte)) : null;
        }),
        values: { R: channel(0), G: channel(1), B: channel(2) },
      },
    ],
  };
}

/** Part of the scale that is left out at its dark end, so that cells with small values differ from free ones in the dark theme. */
const darkest = 0.14;

/**
 * Returns a map of P values from 0 to `largest`; values that are not finite are left free. `isRoot`: by their square roots,
 * for values that are mostly small.
 */
export function mapChart(
  title: string,
  values: Float32Array,
  {
    size,
    largest,
    quantity,
    isRoot = false,
  }: {
    readonly size: Size;
    readonly largest: number;
    readonly quantity: string;
    readonly isRoot?: boolean;
  },
): SvgChart {
  const colour = (value: number) => {
    const fraction = largest > 0 ? Math.min(1, value / largest) : 0;
    return rgb(colourOf(darkest + (1 - darkest) * (isRoot ? Math.sqrt(fraction) : fraction)));
  };
  return {
    title,
    ...axesOf(size),
    marks: [
      {
        kind: 'cells',
        label: `${quantity}, 0 to ${formatSignificant(largest, 2)}${isRoot ? ', root scale' : ''}`,
        scale: scale(),
        columns: size.width,
        colours: Array.from(values, (value) => (Number.isFinite(value) ? colour(value) : null)),
        values: { [quantity]: values },
      },
    ],
  };
}

/** Returns a ring around one pixel, which stands out from photographs and from the map. */
export function pixelFrame(pixel: number, { width }: Size): SvgMark[] {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  const [low, high] = [-0.5, 1.5];
  const points = [
    [x + low, y + low],
    [x + high, y + low],
    [x + high, y + high],
    [x + low, y + high],
    [x + low, y + low],
  ] as const;
  return [
    { kind: 'line', label: '', colour: '#000000', dash: [], points },
    { kind: 'line', label: '', colour: '#00e5ff', dash: [4, 2], points },
  ];
}

/** Returns the sensitivity or the attention of the query whose block holds a pixel, at every observed pixel; NaN elsewhere. */
export function conditioningMap(
  arrays: Pick<StudyImage, 'queries' | 'observed' | 'sensitivity' | 'attention'>,
  {
    of,
    size,
    pixel,
    time,
  }: {
    readonly of: 'sensitivity' | 'attention';
    readonly size: Size;
    readonly pixel: number;
    /** Number of the time among those of `of`. */
    readonly time: number;
  },
): { readonly query: number; readonly values: Float32Array } {
  const { queries, observed } = arrays;
  const query = queryOfPixel(pixel, size);
  const from = (time * queries.length + query) * observed.length;
  const values = new Float32Array(size.height * size.width).fill(NaN);
  observed.forEach((at, row) => (values[at] = arrays[of][from + row]));
  return { query: queries[query], values };
}

/** Returns the largest finite value; 0 if there is none. */
export function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

/** Returns the p-th quantile, 0 to 1, so that a single extreme pixel does not darken a map. */
export function quantileOf(values: Float32Array, p: number): number {
  const sorted = Float32Array.from(values).sort();
  return sorted.at(Math.min(sorted.length - 1, Math.floor(p * sorted.length))) ?? 0;
}

/** Returns the query nearest to the middle of the image that is hidden: what is known need not be predicted. */
export function middleQuery(
  { queries, observed }: Pick<StudyImage, 'queries' | 'observed'>,
  { height, width }: Size,
): number {
  const known = new Set(observed);
  const distance = (pixel: number) =>
    Math.hypot((pixel % width) - width / 2, Math.floor(pixel / width) - height / 2);
  const hidden = Array.from(queries).filter((pixel) => !known.has(pixel));
  return hidden.toSorted((one, other) => distance(one) - distance(other)).at(0) ?? 0;
}

/** Images and maps of a study as charts, so that they are saved like every other figure. */

import { colourOf } from '../charts/colourMap.ts';
import type { SvgChart, SvgMark } from '../charts/svgChart.ts';
import { queryOfPixel, type Study, type StudyImage } from '../study.ts';
import { formatSignificant } from '../text/format.ts';

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

/** What is drawn as a map of a state: its title and its quantity, short enough for a narrow legend. */
const stateMaps = {
  speed: { title: 'Speed', quantity: 'speed', isRoot: false },
  // Large at the end, where the path bends most.
  curvature: { title: 'Curvature', quantity: 'curvature', isRoot: true },
  spread: { title: 'Spread', quantity: 'deviation', isRoot: false },
} as const;

/**
 * Returns the truth, the image at a state, and maps of speed, curvature and spread, with a ring around a pixel. Each map has
 * one scale at all times, so that they can be compared; the largest 0.5 % of its values have the brightest colour.
 */
export function stateCharts(
  study: Pick<Study, 'times' | 'height' | 'width'>,
  arrays: StudyImage,
  { state, pixel }: { readonly state: number; readonly pixel: number },
): SvgChart[] {
  const time = `t = ${study.times[state].toFixed(2)}`;
  const slice = (name: 'states' | keyof typeof stateMaps, numbers: number) => {
    const length = numbers * study.width * study.height;
    return arrays[name].subarray(state * length, (state + 1) * length);
  };
  const charts = [
    imageChart('Truth', arrays.truth, study),
    imageChart(`Image at ${time}`, slice('states', 3), study),
    ...Object.entries(stateMaps).map(([key, { title, ...look }]) => {
      const name = key as keyof typeof stateMaps;
      const largest = quantileOf(arrays[name], 0.995);
      return mapChart(`${title} at ${time}`, slice(name, 1), { size: study, largest, ...look });
    }),
  ];
  return charts.map((chart) => framed(chart, pixel, study));
}

/** Returns the image of what the network is given: the known pixels alone, with a ring around a pixel. */
function knownChart({ observed, observedValues }: StudyImage, pixel: number, size: Size): SvgChart {
  const values = new Float32Array(size.width * size.height * 3).fill(NaN);
  observed.forEach((at, row) => values.set(observedValues.subarray(3 * row, 3 * row + 3), 3 * at));
  return framed(imageChart('Known pixels', values, size), pixel, size);
}

export interface ConditioningCharts {
  readonly charts: readonly SvgChart[];
  /** Largest attention, in multiples of that of a pixel if all had the same; null for networks without attention. */
  readonly attentionRatio: number | null;
  readonly hasSensitivity: boolean;
}

/**
 * Returns the known pixels, and maps of what the prediction at a pixel depends on and attends to at each time. Maps of one
 * quantity have one scale at all times; attention is in multiples of its mean.
 */
export function conditioningCharts(
  study: Pick<Study, 'height' | 'width' | 'sensitivityTimes' | 'attentionTimes'>,
  arrays: StudyImage,
  pixel: number,
): ConditioningCharts {
  const find = (of: 'sensitivity' | 'attention', times: readonly number[], unit: number) => {
    const maps = times.map((time, index) => {
      const { query, values } = conditioningMap(arrays, { of, size: study, pixel, time: index });
      return { time, query, values: values.map((value) => unit * value) };
    });
    return { maps, largest: Math.max(0, ...maps.map(({ values }) => largestOf(values))) };
  };
  const sensitivity = find('sensitivity', study.sensitivityTimes, 1);
  const attention = find('attention', study.attentionTimes, arrays.observed.length);
  return {
    charts: [
      knownChart(arrays, pixel, study),
      ...sensitivity.maps.map(({ time, query, values }) => {
        const look = { largest: sensitivity.largest, quantity: 'sensitivity', isRoot: true };
        const map = mapChart(`Sensitivity at t = ${time}`, values, { size: study, ...look });
        return framed(map, query, study);
      }),
      ...attention.maps.map(({ time, query, values }) => {
        const look = { largest: attention.largest, quantity: 'attention, 1: the mean' };
        return framed(mapChart(`Attention at t = ${time}`, values, { size: study, ...look }), query, study);
      }),
    ],
    attentionRatio: attention.maps.length > 0 ? attention.largest : null,
    hasSensitivity: sensitivity.maps.length > 0,
  };
}

function framed(chart: SvgChart, pixel: number, size: Size): SvgChart {
  return { ...chart, marks: [...chart.marks, ...pixelFrame(pixel, size)] };
}

/** Returns a ring around one pixel, which stands out from photographs and from the map. */
function pixelFrame(pixel: number, { width }: Size): SvgMark[] {
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
function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

/** Returns the p-th quantile, 0 to 1, so that a single extreme pixel does not darken a map. */
function quantileOf(values: Float32Array, p: number): number {
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

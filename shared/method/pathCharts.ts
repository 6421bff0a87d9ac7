/** The figures of a path: the values of one pixel from noise to data, and the functions that the path is made of. */

import { runPalette } from '../charts/runColours.ts';
import type { SvgChart, SvgMark } from '../charts/svgChart.ts';
import {
  type PathKind,
  pathFactors,
  pathNames,
  pathState,
  pathVelocity,
  pixelAt,
  type PixelEnds,
} from './paths.ts';

/** How the channel of a colour is drawn: by its colour and, for those who do not see it, by its dashes. */
export interface ChannelStyle {
  readonly name: string;
  readonly light: string;
  readonly dark: string;
  readonly dash: readonly number[];
}

export const channelStyles: readonly ChannelStyle[] = [
  { name: 'R', light: '#c62828', dark: '#ff7b72', dash: [] },
  { name: 'G', light: '#1b7f3b', dark: '#56d364', dash: [7, 3] },
  { name: 'B', light: '#1f5fc4', dark: '#79b8ff', dash: [2, 3] },
];

export interface FigureTheme {
  readonly isDark: boolean;
}

/** Number of intervals of a drawn curve. */
const intervals = 120;
const drawnTimes = Array.from({ length: intervals + 1 }, (_, index) => index / intervals);

/**
 * Returns the values of a pixel along a path, a line for each channel; a circle marks the start and a square the end, as in
 * the notebook that the method comes from. `time`: marks the values at this time too.
 */
export function pixelPathChart(
  { start, data }: PixelEnds,
  { kind, time, isDark }: FigureTheme & { readonly kind: PathKind; readonly time?: number },
): SvgChart {
  const lines = channelStyles.map((style, channel) => ({
    style,
    points: drawnTimes.map((at) => {
      const ends = { start: start[channel], data: data[channel] };
      return [at, pathState(pathFactors(kind, at), ends)] as const;
    }),
  }));
  const now =
    time === undefined
      ? null
      : lines.map((_, channel): readonly [number, number] => {
          const ends = { start: start[channel], data: data[channel] };
          return [time, pathState(pathFactors(kind, time), ends)];
        });
  return {
    title: `Path of one pixel · ${pathNames[kind]}`,
    x: { title: 'Time t', range: [0, 1] },
    y: { title: 'Value' },
    marks: channelMarks(lines, { isDark, now }),
  };
}

/** Returns the chart of a pixel's path of each kind, all with the same axes, so that they can be compared. */
export function pixelPathCharts(kinds: readonly PathKind[], ends: PixelEnds, theme: FigureTheme): SvgChart[] {
  const values = kinds.flatMap((kind) => drawnTimes.flatMap((at) => pixelAt(kind, ends, at)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (high - low || 1);
  return kinds.map((kind) => {
    const chart = pixelPathChart(ends, { kind, ...theme });
    return { ...chart, y: { ...chart.y, range: [low - room, high + room] } };
  });
}

/** Returns α and σ of a path, the signal-to-noise ratios of all, and the target velocity of a pixel along the path. */
export function pathFunctionCharts(kind: PathKind, ends: PixelEnds, theme: FigureTheme): SvgChart[] {
  return [
    pathFactorsChart(kind, theme),
    signalToNoiseChart(Object.keys(pathNames) as PathKind[], theme),
    targetVelocityChart(ends, { kind, ...theme }),
  ];
}

/** Returns all kinds of paths, the one of a run first. */
export function pathKindsFrom(first: PathKind | undefined): PathKind[] {
  const kinds = Object.keys(pathNames) as PathKind[];
  return first ? [first, ...kinds.filter((kind) => kind !== first)] : kinds;
}

/** Returns lines of channels with their start and end marked. `now`: the place of each channel at a marked time. */
export function channelMarks(
  lines: readonly {
    readonly style: ChannelStyle;
    readonly points: readonly (readonly [number, number])[];
  }[],
  { isDark, now = null }: FigureTheme & { readonly now?: readonly (readonly [number, number])[] | null },
): SvgMark[] {
  return lines.flatMap(({ style, points }, channel): SvgMark[] => {
    const colour = isDark ? style.dark : style.light;
    const end = (at: number, shape: 'circle' | 'square'): SvgMark => ({
      kind: 'points',
      label: '',
      series: `${shape === 'circle' ? 'start' : 'end'} ${style.name}`,
      colour,
      points: points.slice(at, at === -1 ? undefined : at + 1),
      shape,
    });
    return [
      { kind: 'line', label: style.name, colour, dash: style.dash, points },
      end(0, 'circle'),
      end(-1, 'square'),
      ...(now
        ? [
            {
              kind: 'points',
              label: '',
              series: `now ${style.name}`,
              colour,
              points: [now[channel]],
            } as const,
          ]
        : []),
    ];
  });
}

/** Returns α and σ of a path against t. */
function pathFactorsChart(kind: PathKind, { isDark }: FigureTheme): SvgChart {
  const [first, second] = runPalette.map(({ light, dark }) => (isDark ? dark : light));
  const line = (label: 'α' | 'σ', colour: string, dash: readonly number[]): SvgMark => ({
    kind: 'line',
    label,
    colour,
    dash,
    points: drawnTimes.map((time) => {
      const { alpha, sigma } = pathFactors(kind, time);
      return [time, label === 'α' ? alpha : sigma];
    }),
  });
  return {
    title: `α and σ · ${pathNames[kind]}`,
    x: { title: 'Time t', range: [0, 1] },
    y: { title: 'Factor', range: [0, 1.02] },
    marks: [line('α', first, []), line('σ', second, [7, 3])],
  };
}

/** Returns the signal-to-noise ratio α² / σ² of some paths against t, in decibels; the ends, where it is infinite, are left out. */
function signalToNoiseChart(kinds: readonly PathKind[], { isDark }: FigureTheme): SvgChart {
  return {
    title: 'Signal-to-noise ratio',
    x: { title: 'Time t', range: [0, 1] },
    y: { title: 'α² / σ², dB', range: [-40, 40], ticks: () => [-40, -20, 0, 20, 40] },
    hasLegend: true,
    marks: kinds.map((kind, index): SvgMark => {
      const { light, dark } = runPalette[index % runPalette.length];
      return {
        kind: 'line',
        label: pathNames[kind],
        colour: isDark ? dark : light,
        dash: [[], [7, 3], [2, 3]][index % 3],
        points: drawnTimes.map((time) => {
          const { alpha, sigma } = pathFactors(kind, time);
          return [time, 20 * Math.log10(alpha / sigma)];
        }),
      };
    }),
  };
}

/** Returns the target velocity α′ x₁ + σ′ x₀ of a pixel against t, a line for each channel. */
export function targetVelocityChart(
  { start, data }: PixelEnds,
  { kind, isDark }: FigureTheme & { readonly kind: PathKind },
): SvgChart {
  return {
    title: `Target velocity · ${pathNames[kind]}`,
    x: { title: 'Time t', range: [0, 1] },
    y: { title: 'Velocity dx/dt' },
    marks: channelStyles.map((style, channel): SvgMark => ({
      kind: 'line',
      label: style.name,
      colour: isDark ? style.dark : style.light,
      dash: style.dash,
      // The variance-preserving path has no finite velocity at its end.
      points: drawnTimes.slice(0, -1).map((time) => {
        const ends = { start: start[channel], data: data[channel] };
        return [time, pathVelocity(pathFactors(kind, time), ends)];
      }),
    })),
  };
}

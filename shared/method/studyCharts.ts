/** The charts of a study: one pixel along its solution, distances and spread against t, solvers, and spread against skill. */

import { titleOfSolver } from '../config/samplerConfig.ts';
import { runPalette } from '../charts/runColours.ts';
import type { SvgChart, SvgMark } from '../charts/svgChart.ts';
import type { Study, StudyImage } from '../study.ts';
import { convergenceOrder } from './convergence.ts';
import { channelMarks, channelStyles, type FigureTheme } from './pathCharts.ts';

type Point = readonly [x: number, y: number];

/** Colours of lines that belong to no run and no channel. */
function lineColours({ isDark }: FigureTheme): string[] {
  return runPalette.map(({ light, dark }) => (isDark ? dark : light));
}

const timeAxis = { title: 'Time t', range: [0, 1] } as const;
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [8, 3, 2, 3], [12, 3]];

/**
 * Returns the values of a pixel along the solution, a line for each channel with its start and end marked. Faint lines:
 * the data that the network expects at each time; short lines at the end: the true values. `state`: marks this state.
 */
export function trajectoryChart(
  { times, width }: Pick<Study, 'times' | 'width'>,
  { states, data, truth }: Pick<StudyImage, 'states' | 'data' | 'truth'>,
  { pixel, state, isDark }: FigureTheme & { readonly pixel: number; readonly state?: number },
): SvgChart {
  const along = (values: Float32Array, channel: number): Point[] =>
    times.map((time, at) => [time, values[at * truth.length + 3 * pixel + channel]]);
  const lines = channelStyles.map((style, channel) => ({ style, points: along(states, channel) }));
  const now = state === undefined ? null : lines.map(({ points }) => points[state]);
  const expected = channelStyles.map((style, channel): SvgMark => ({
    kind: 'line',
    label: channel === 0 ? 'expected, faint' : '',
    series: `expected ${style.name}`,
    colour: isDark ? style.dark : style.light,
    dash: style.dash,
    opacity: 0.4,
    points: along(data, channel),
  }));
  const targets = channelStyles.map((style, channel): SvgMark => {
    const value = truth[3 * pixel + channel];
    return {
      kind: 'line',
      label: channel === 0 ? 'truth, short' : '',
      series: `truth ${style.name}`,
      colour: isDark ? style.dark : style.light,
      dash: [],
      points: [0.93, 1].map((time) => [time, value]),
    };
  });
  return {
    title: `${nameOfPixel(pixel, width)} along the solution`,
    x: timeAxis,
    y: { title: 'Value' },
    marks: [...expected, ...targets, ...channelMarks(lines, { isDark, now })],
  };
}

/** `Pixel 16, 8`: column and row from 0. */
function nameOfPixel(pixel: number, width: number): string {
  return `Pixel ${pixel % width}, ${Math.floor(pixel / width)}`;
}

/** Returns the distances to the truth of the state and of the expected data against t. */
export function distanceChart(
  { times, images }: Pick<Study, 'times' | 'images'>,
  image: number,
  theme: FigureTheme,
): SvgChart {
  const [first, second] = lineColours(theme);
  const { stateDistance, dataDistance } = images[image];
  const line = (
    label: string,
    colour: string,
    values: readonly number[],
    dash: readonly number[],
  ): SvgMark => ({
    kind: 'line',
    label,
    colour,
    dash,
    points: times.map((time, at) => [time, values[at]]),
  });
  return {
    title: 'Distance to the truth',
    x: timeAxis,
    y: { title: 'RMSE of hidden values' },
    marks: [line('state', first, stateDistance, []), line('expected data', second, dataDistance, [7, 3])],
  };
}

/** Returns the standard deviation over the samples against t, of the whole image and of one pixel. */
export function spreadChart(
  { times, images, samples, width }: Pick<Study, 'times' | 'images' | 'samples' | 'width'>,
  { spread, truth }: Pick<StudyImage, 'spread' | 'truth'>,
  { image, pixel, isDark }: FigureTheme & { readonly image: number; readonly pixel: number },
): SvgChart {
  const [, , third, fourth] = lineColours({ isDark });
  const pixels = truth.length / 3;
  return {
    title: `Spread of ${samples} samples`,
    x: timeAxis,
    y: { title: 'Standard deviation' },
    marks: [
      {
        kind: 'line',
        label: 'all hidden pixels',
        colour: third,
        dash: [],
        points: times.map((time, at) => [time, images[image].spread[at]]),
      },
      {
        kind: 'line',
        label: nameOfPixel(pixel, width).toLowerCase(),
        colour: fourth,
        dash: [7, 3],
        points: times.map((time, at) => [time, spread[at * pixels + pixel]]),
      },
    ],
  };
}

/** Returns the points of each solver, by their number of evaluations. */
function bySolver({ solvers }: Pick<Study, 'solvers'>): [string, Study['solvers']][] {
  return [...Map.groupBy(solvers, ({ solver }) => solver)].map(([solver, points]) => [
    titleOfSolver(solver),
    points.toSorted((one, other) => one.nfe - other.nfe),
  ]);
}

/** Returns the difference from the fine solution against evaluations, both logarithmic; the legend has each slope. */
export function solverErrorChart(study: Pick<Study, 'solvers'>, theme: FigureTheme): SvgChart {
  const colours = lineColours(theme);
  return {
    title: 'Error of the solution',
    x: { title: 'Function evaluations (NFE)', isLogarithmic: true },
    y: { title: 'RMSE to the fine solution', isLogarithmic: true },
    marks: bySolver(study).map(([solver, points], index): SvgMark => {
      const order = convergenceOrder(points);
      return {
        kind: 'line',
        label: order === null ? solver : `${solver}, order ${order.toFixed(1)}`,
        colour: colours[index],
        dash: dashes[index % dashes.length],
        hasDots: true,
        points: points.map(({ nfe, error }) => [nfe, error]),
      };
    }),
  };
}

/** Returns the PSNR of one sample against evaluations, and that of the fine solution. */
export function solverQualityChart(study: Pick<Study, 'solvers' | 'finePsnr'>, theme: FigureTheme): SvgChart {
  const colours = lineColours(theme);
  const all = study.solvers.map(({ nfe }) => nfe);
  const { finePsnr } = study;
  return {
    title: 'PSNR of one sample',
    x: { title: 'Function evaluations (NFE)', isLogarithmic: true },
    y: { title: 'PSNR, dB' },
    marks: [
      ...bySolver(study).map(([solver, points], index): SvgMark => ({
        kind: 'line',
        label: solver,
        colour: colours[index],
        dash: dashes[index % dashes.length],
        hasDots: true,
        points: points.map(({ nfe, psnr }) => [nfe, psnr ?? NaN]),
      })),
      ...(finePsnr === null
        ? []
        : [
            {
              kind: 'line',
              label: 'fine solution',
              colour: theme.isDark ? '#b0b0b0' : '#666666',
              dash: [3, 3],
              points: [Math.min(...all), Math.max(...all)].map((nfe) => [nfe, finePsnr] as const),
            } as const,
          ]),
    ],
  };
}

/** Returns the error of the mean of the samples against their spread, in bins of hidden pixels; calibrated: on the dashed line. */
export function spreadSkillChart({ spreadSkill }: Pick<Study, 'spreadSkill'>, theme: FigureTheme): SvgChart {
  const most = 1.05 * Math.max(1e-6, ...spreadSkill.flatMap(({ spread, error }) => [spread, error]));
  return {
    title: 'Error against spread',
    x: { title: 'Spread of the samples', range: [0, most] },
    y: { title: 'RMSE of their mean', range: [0, most] },
    marks: [
      { kind: 'rule', from: [0, 0], to: [most, most] },
      {
        kind: 'line',
        label: '',
        colour: lineColours(theme)[0],
        dash: [],
        hasDots: true,
        points: spreadSkill.map(({ spread, error }) => [spread, error]),
      },
    ],
  };
}

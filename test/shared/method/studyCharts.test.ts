import { describe, expect, it } from 'vitest';
import { chartCsv, chartsCsv } from '../../../shared/charts/chartCsv.ts';
import { chartSheet } from '../../../shared/charts/chartSheet.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import type { SvgChart } from '../../../shared/charts/svgChart.ts';
import {
  conditioningCharts,
  conditioningMap,
  imageChart,
  mapChart,
  stateCharts,
} from '../../../shared/method/mapCharts.ts';
import { pixelPathCharts } from '../../../shared/method/pathCharts.ts';
import {
  distanceChart,
  solverErrorChart,
  solverQualityChart,
  spreadChart,
  spreadSkillChart,
  trajectoryChart,
} from '../../../shared/method/studyCharts.ts';
import { queryOfPixel, studyQueries } from '../../../shared/study.ts';
import { exampleStudy, exampleStudyImage } from '../../support/exampleStudy.ts';

const study = exampleStudy();
const arrays = exampleStudyImage(1);
const theme = { isDark: false };
const linesOf = ({ marks }: SvgChart) => marks.filter((mark) => mark.kind === 'line');

describe('the charts of a study', () => {
  it('show the states of the chosen pixel, channel by channel', () => {
    const pixel = 6;
    const lines = linesOf(trajectoryChart(study, arrays, { pixel, ...theme }));
    ['R', 'G', 'B'].forEach((label, channel) => {
      const { points } = lines.find((line) => line.label === label) ?? { points: [] };
      expect(points).toEqual(
        study.times.map((time, at) => [time, arrays.states[at * 36 + 3 * pixel + channel]]),
      );
    });
  });

  it('show distances and spreads of the chosen image', () => {
    const [state, data] = linesOf(distanceChart(study, 1, theme)).map(({ points }) => points);
    expect(state.map(([, value]) => value)).toEqual(study.images[1].stateDistance);
    expect(data.map(([, value]) => value)).toEqual(study.images[1].dataDistance);
    const [whole, one] = linesOf(spreadChart(study, arrays, { image: 1, pixel: 6, ...theme }));
    expect(whole.points.map(([, value]) => value)).toEqual(study.images[1].spread);
    expect(one.points.map(([, value]) => value)).toEqual([0, 1, 2].map((at) => arrays.spread[at * 12 + 6]));
  });

  it('name the order of each solver, and its errors and PSNR by evaluations', () => {
    const [euler, heun] = linesOf(solverErrorChart(study, theme));
    expect([euler.label, heun.label]).toEqual(['Euler, order 1.0', 'Heun, order 2.0']);
    expect(heun.points).toEqual([
      [2, 0.2],
      [4, 0.05],
    ]);
    const quality = solverQualityChart(study, theme);
    expect(linesOf(quality)[0].points).toEqual([
      [1, 24],
      [2, 23.5],
      [4, 23],
    ]);
    expect(linesOf(quality).at(-1)).toMatchObject({
      label: 'fine solution',
      points: [
        [1, 22.5],
        [4, 22.5],
      ],
    });
    expect(linesOf(spreadSkillChart(study, theme))[0].points).toEqual([
      [0.05, 0.06],
      [0.1, 0.09],
    ]);
  });

  it('are one document and one table together', () => {
    const charts = [distanceChart(study, 0, theme), solverErrorChart(study, theme)];
    const svg = chartSheet(charts, { columns: 2, title: 'Both' });
    expect(svg).toMatch(/^<svg [^>]*width="960" height="320"/);
    expect(svg).toContain('<svg x="480" y="0"');
    const [head, first] = chartsCsv(charts).split('\r\n');
    expect(head).toBe('chart,series,x axis,y axis,x,y,low,high');
    expect(first).toBe('Distance to the truth,state,Time t,RMSE of hidden values,0,0.5,,');
  });

  it('name every series of the table, in the legend or not', () => {
    const charts = [
      trajectoryChart(study, arrays, { pixel: 6, ...theme }),
      solverQualityChart(study, theme),
      ...pixelPathCharts(['linear'], { start: [0, 0.5, 1], data: [1, 0.5, 0] }, theme),
    ];
    const table = chartsCsv(charts);
    expect(table).not.toMatch(/^(?:"[^"]*"|[^",]*),,/m);
    for (const name of ['expected G', 'truth B', 'fine solution', 'start R', 'end R'])
      expect(table).toContain(`,${name},`);
    expect(chartSvg(charts[0])).not.toContain('truth B');
  });
});

describe('the maps of a study', () => {
  const size = { height: 3, width: 4 };

  it('have a square for every pixel, and no axes', () => {
    const svg = chartSvg(imageChart('Image', arrays.truth, size), { width: 416, height: 400 });
    expect(svg.match(/<rect [^>]*fill="#/g)).toHaveLength(12);
    expect(svg).toContain('width="100" height="100"');
    expect(svg).not.toContain('Column');
  });

  it('leave pixels free that have no value, and save the numbers of the others', () => {
    const { query, values } = conditioningMap(arrays, { of: 'sensitivity', size, pixel: 6, time: 1 });
    expect(query).toBe(6);
    expect(Array.from(values.keys()).filter((pixel) => !Number.isNaN(values[pixel]))).toEqual([1, 6, 11]);
    expect(values[11]).toBe(arrays.sensitivity[(1 * 12 + 6) * 3 + 2]);
    const attention = conditioningMap(arrays, { of: 'attention', size, pixel: 6, time: 1 }).values;
    expect(attention[11]).toBe(arrays.attention[(1 * 12 + 6) * 3 + 2]);
    const map = mapChart('Sensitivity', values, { size, largest: 2, quantity: 'sensitivity' });
    const lines = chartCsv(map).trim().split('\r\n');
    expect(lines[0]).toBe('column,row,sensitivity');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
      ['1', '0'],
      ['2', '1'],
      ['3', '2'],
    ]);
  });

  it('show the image, speed, curvature and spread of the chosen state', () => {
    const charts = stateCharts(study, arrays, { state: 1, pixel: 6 });
    const numbers = charts.map(({ marks }) => {
      const cells = marks.find((mark) => mark.kind === 'cells');
      return Object.values(cells?.values ?? {}).map((values) => values[6]);
    });
    const { truth, states, speed, curvature, spread } = arrays;
    expect(numbers).toEqual([
      [0, 1, 2].map((channel) => truth[3 * 6 + channel]),
      [0, 1, 2].map((channel) => states[36 + 3 * 6 + channel]),
      [speed[12 + 6]],
      [curvature[12 + 6]],
      [spread[12 + 6]],
    ]);
    expect(charts.map(({ title }) => title)).toEqual([
      'Truth',
      ...['Image', 'Speed', 'Curvature', 'Spread'].map((name) => `${name} at t = 0.50`),
    ]);
  });

  it('show sensitivity as it is, and attention in multiples of its mean, on one scale at all times', () => {
    const { charts, attentionRatio, hasSensitivity } = conditioningCharts(study, arrays, 6);
    expect(charts.map(({ title }) => title)).toEqual([
      'Known pixels',
      ...['Sensitivity', 'Attention'].flatMap((name) => [`${name} at t = 0`, `${name} at t = 0.5`]),
    ]);
    const cells = charts.map(({ marks }) => marks.find((mark) => mark.kind === 'cells'));
    const valueAt = (chart: number, name: string) => cells[chart]?.values[name][11];
    const at = (time: number) => (time * 12 + 6) * 3 + 2;
    expect(valueAt(2, 'sensitivity')).toBe(arrays.sensitivity[at(1)]);
    expect(valueAt(4, 'attention, 1: the mean')).toBeCloseTo(3 * arrays.attention[at(1)], 5);
    expect(cells[1]?.label).toBe(cells[2]?.label);
    expect(attentionRatio).toBeCloseTo(3 * arrays.attention[at(1)], 5);
    expect(hasSensitivity).toBe(true);
    const without = { ...study, attentionTimes: [], sensitivityTimes: [] };
    expect(conditioningCharts(without, arrays, 6)).toMatchObject({
      charts: [{ title: 'Known pixels' }],
      attentionRatio: null,
      hasSensitivity: false,
    });
  });

  it('are in one table with lines, a line for each number of a cell', () => {
    const map = mapChart(
      'Map',
      Float32Array.from({ length: 12 }, (_, pixel) => (pixel === 6 ? 0.5 : NaN)),
      {
        size,
        largest: 1,
        quantity: 'speed',
      },
    );
    expect(
      chartsCsv([map, distanceChart(study, 0, theme)])
        .split('\r\n')
        .slice(0, 3),
    ).toEqual([
      'chart,series,x axis,y axis,x,y,low,high,value',
      'Map,speed,Column,Row,2,1,,,0.5',
      'Distance to the truth,state,Time t,RMSE of hidden values,0,0.5,,,',
    ]);
  });

  it('have a query in every block, and every pixel belongs to one', () => {
    const large = { height: 30, width: 45 };
    const queries = studyQueries(large);
    expect(queries.length).toBeLessThanOrEqual(256);
    queries.forEach((pixel, query) => expect(queryOfPixel(pixel, large)).toBe(query));
    for (let pixel = 0; pixel < 30 * 45; pixel++) expect(queries[queryOfPixel(pixel, large)]).toBeDefined();
  });
});

import { describe, expect, it } from 'vitest';
import { coefficientsAt } from '../../../main/engine/solver/fieldView.ts';
import { paths } from '../../../main/engine/path/schedules.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import { pathSchema } from '../../../shared/config/pathConfig.ts';
import { pixelPathChart, pixelPathCharts, targetVelocityChart } from '../../../shared/method/pathCharts.ts';
import {
  drawPixelEnds,
  type PathKind,
  pathFactors,
  pathNames,
  pathStartOf,
  pathState,
  pixelAt,
  plainStart,
} from '../../../shared/method/paths.ts';
import '../../support/backend.ts';

const kinds = Object.keys(pathNames) as PathKind[];

describe.each(kinds)('the %s path of figures', (kind) => {
  it('has the factors and rates of the path that networks are trained on', () => {
    for (const time of [0, 0.1, 0.37, 0.5, 0.9, 0.999]) {
      const drawn = pathFactors(kind, time);
      const trained = coefficientsAt(paths[kind], time);
      for (const name of ['alpha', 'sigma', 'alphaRate', 'sigmaRate'] as const)
        expect(Math.abs(drawn[name] - trained[name])).toBeLessThan(
          2e-3 * Math.max(1, Math.abs(trained[name])),
        );
    }
  });

  it('has rates that are the derivatives of its factors', () => {
    const step = 1e-5;
    for (const time of [0.1, 0.5, 0.9]) {
      const { alphaRate, sigmaRate } = pathFactors(kind, time);
      const [before, after] = [pathFactors(kind, time - step), pathFactors(kind, time + step)];
      expect((after.alpha - before.alpha) / (2 * step)).toBeCloseTo(alphaRate, 5);
      expect((after.sigma - before.sigma) / (2 * step)).toBeCloseTo(sigmaRate, 5);
    }
  });
});

describe('the figure of a pixel’s path', () => {
  const ends = { start: [-1.2, 0.4, 2], data: [0.1, 0.5, 0.9] };

  it('starts at the noise and ends at the data in every channel', () => {
    const chart = pixelPathChart(ends, { kind: 'linear', isDark: false });
    const lines = chart.marks.filter((mark) => mark.kind === 'line');
    lines.forEach(({ points }, channel) => {
      expect(points[0]).toEqual([0, ends.start[channel]]);
      expect(points.at(-1)).toEqual([1, ends.data[channel]]);
    });
    const marked = chart.marks.flatMap((mark) => (mark.kind === 'points' ? [mark.shape] : []));
    expect(marked).toEqual(['circle', 'square', 'circle', 'square', 'circle', 'square']);
    const svg = chartSvg(chart);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg.match(/width="8" height="8"/g)).toHaveLength(3);
  });

  it('is a straight line along the linear path alone', () => {
    const bend = (kind: PathKind) => {
      const middle = pathState(pathFactors(kind, 0.5), { start: ends.start[0], data: ends.data[0] });
      return Math.abs(middle - (ends.start[0] + ends.data[0]) / 2);
    };
    expect(bend('linear')).toBeLessThan(1e-12);
    expect(bend('cosine')).toBeGreaterThan(0.1);
    expect(bend('variance-preserving')).toBeGreaterThan(0.1);
  });

  it('has the same axes for all paths, which hold every value', () => {
    const charts = pixelPathCharts(kinds, ends, { isDark: false });
    const ranges = charts.map(({ y }) => y.range ?? [NaN, NaN]);
    expect(new Set(ranges.map(String)).size).toBe(1);
    const values = kinds.flatMap((kind) => [0, 0.3, 0.6, 1].flatMap((at) => pixelAt(kind, ends, at)));
    expect(ranges[0][0]).toBeLessThan(Math.min(...values));
    expect(ranges[0][1]).toBeGreaterThan(Math.max(...values));
  });

  it('has a constant target velocity along the linear path: data minus noise', () => {
    const { marks } = targetVelocityChart(ends, { kind: 'linear', isDark: false });
    const [first] = marks.filter((mark) => mark.kind === 'line');
    for (const [, velocity] of first.points) expect(velocity).toBeCloseTo(1.3, 12);
  });
});

describe('the example pixel', () => {
  const data = [0.2, 0.5, 0.9];

  it('starts at its noise and ends at its true value, and every draw has noise of its own', () => {
    const ends = drawPixelEnds(data, plainStart, 1);
    for (const kind of ['linear', 'cosine'] as const) {
      expect(pixelAt(kind, ends, 0)).toEqual(ends.start);
      expect(pixelAt(kind, ends, 1)).toEqual(data);
    }
    expect(drawPixelEnds(data, plainStart, 1)).toEqual(ends);
    expect(drawPixelEnds(data, plainStart, 2).start).not.toEqual(ends.start);
  });

  it('of a run that starts at a classical estimate starts near the true value, within its own noise', () => {
    const path = pathSchema.parse({
      start: 'classical',
      startNoise: 1,
      residualDeviation: 1,
      unit: 'residual',
      measured: { residual: 0.05, images: 8 },
    });
    const start = pathStartOf(path);
    expect(start).toEqual({ startNoise: 0.05, estimateDeviation: 0.05 });
    const inContrast = pathStartOf({ ...path, unit: 'local', measured: { residual: 0.5, images: 256 } });
    expect(inContrast.startNoise).toBeCloseTo(0.05);
    expect(inContrast.estimateDeviation).toBeCloseTo(0.05);
    const misses = Array.from({ length: 200 }, (_, draw) => drawPixelEnds(data, start, draw)).flatMap(
      (ends) => ends.start.map((value, channel) => value - data[channel]),
    );
    const deviation = Math.sqrt(misses.reduce((sum, miss) => sum + miss ** 2, 0) / misses.length);
    expect(deviation).toBeGreaterThan(0.05 * Math.SQRT2 * 0.9);
    expect(deviation).toBeLessThan(0.05 * Math.SQRT2 * 1.1);
  });
});

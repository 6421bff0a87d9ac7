import { describe, expect, it } from 'vitest';
import { layOutLines, lineStrokes, placeAt } from '../../../renderer/models/sweeps/parallelLines.ts';
import { columnTicks, learningCurves, parameterCharts } from '../../../renderer/models/sweeps/sweepCharts.ts';
import {
  brushOf,
  isBrushed,
  isSpacedByFactors,
  placeOn,
  sweepColumns,
  withBrush,
} from '../../../renderer/models/sweeps/sweepColumns.ts';
import { bestRuns, memberRows, settingRows, sortRows } from '../../../renderer/models/sweeps/sweepRows.ts';
import { describeMembers, proposeReport, sweepVerdict } from '../../../renderer/models/sweeps/sweepTexts.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import { analyseSweep } from '../../../shared/sweep/analyseSweep.ts';
import { listMembers } from '../../../shared/sweep/expandSweep.ts';
import { rungsOf } from '../../../shared/sweep/halving.ts';
import { pathsOf, sweepSpecSchema, type SweepSpecInput } from '../../../shared/sweep/sweep.ts';
import { memberStates, type SweepDetail, type SweepMemberView } from '../../../shared/sweep/sweepViews.ts';

const rates = [0.001, 0.01, 0.1];
const solvers = ['heun', 'euler'];

/** A sweep whose members have the scores of `scoreOf`; without one they were stopped early. */
function createDetail(
  scoreOf: (member: Pick<SweepMemberView, 'values' | 'seed'>) => number | null,
  changes: Partial<SweepSpecInput> = {},
): SweepDetail {
  const spec = sweepSpecSchema.parse({
    name: 'rates',
    base: resolvePreset(tiny),
    axes: [
      { kind: 'list', path: 'optim.learningRate', values: rates },
      { kind: 'list', path: 'sampler.solver', values: solvers },
    ],
    seeds: [1, 2],
    ...changes,
  });
  const list = listMembers(spec).map((member): SweepMemberView => {
    const score = scoreOf(member);
    const state = score === null ? 'stopped early' : 'done';
    return {
      ...member,
      state,
      runId: `run${String(member.index).padStart(5, 'a')}`,
      status: 'finished',
      step: 100,
      fraction: 1,
      processSeconds: 10,
      rungs: [],
      score,
      nfe: score === null ? null : 1,
      reason: score === null ? 'Number 3 of 4.' : null,
    };
  });
  const count = (state: string) => list.filter((member) => member.state === state).length;
  return {
    id: 'abcdefgh',
    name: 'rates',
    state: 'finished',
    place: { kind: 'local' },
    error: null,
    createdAt: '2026-11-01T00:00:00Z',
    metric: spec.objective.metric,
    members: Object.fromEntries(memberStates.map((state) => [state, count(state)])) as SweepDetail['members'],
    paths: spec.axes.flatMap(pathsOf),
    settings: list.length / 2,
    seeds: 2,
    spec,
    rungs: rungsOf(spec),
    list,
    analysis: analyseSweep(list, spec),
  };
}

const rateOf = ({ values }: Pick<SweepMemberView, 'values'>) => Number(values['optim.learningRate']);
/** 0.01 with heun is better than with euler by 0.5 dB, and 0.1 was stopped early. */
const detail = createDetail(({ values, seed }) =>
  rateOf({ values }) === 0.1
    ? null
    : 20 + Math.log10(rateOf({ values })) + (values['sampler.solver'] === 'heun' ? 0.5 : 0) + seed / 100,
);

describe('the verdict of a sweep', () => {
  it('names the winner, by how much and how surely', () => {
    const { text, isDecided } = sweepVerdict(detail);
    expect(isDecided).toBe(true);
    expect(text).toMatch(
      /^Learning rate 0\.01, .* Heun wins with 18\.52 dB ± 0\.06: 0\.50 dB better than Learning rate 0\.01, .* Euler, 95 % interval 0\.50 to 0\.50, more than 99\.9 % sure \(paired by seed\)\.$/,
    );
  });

  it('is open while a difference may be chance, and says how many seeds would help', () => {
    const noisy = createDetail(({ values, seed }) =>
      values['sampler.solver'] === 'heun'
        ? 20 + (rateOf({ values }) === 0.01 ? 0.2 : 0) + (seed === 1 ? 0.15 * rateOf({ values }) : 0.002)
        : 10,
    );
    const { text, isDecided } = sweepVerdict({
      ...noisy,
      analysis: {
        ...noisy.analysis,
        lead: {
          setting: 0,
          difference: 0.2,
          interval: [-2.34, 2.74],
          probability: 0.75,
          method: 'paired by seed',
        },
      },
    });
    expect(isDecided).toBe(false);
    expect(text).toMatch(
      /^Not decided: .*75 % sure \(paired by seed\)\. About 6 more seeds each would decide it/,
    );
  });

  it('says what is missing with one seed, without scores, and with a single setting', () => {
    const single = createDetail(({ values }) => rateOf({ values }), { seeds: [] });
    expect(sweepVerdict({ ...single, seeds: 1 }).text).toMatch(/Each has one scored seed.*: add seeds\.$/);
    const stopped = createDetail(({ values, seed }) => (seed === 1 ? rateOf({ values }) : null));
    expect(sweepVerdict(stopped).text).toMatch(/: their other seeds were stopped early or failed\.$/);
    expect(sweepVerdict(createDetail(() => null)).text).toBe(
      'No run has been scored with its whole budget yet.',
    );
    expect(sweepVerdict(createDetail(() => 20, { axes: [] })).text).toMatch(/no other setting to compare/);
  });
});

describe('the rows of a sweep', () => {
  it('show settings best first, with their seeds, intervals and why runs were stopped', () => {
    const rows = sortRows(settingRows(detail, detail.list), { by: 'rank', isDescending: false }, detail.spec);
    expect(rows.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, null, null]);
    expect(rows[0]).toMatchObject({
      seeds: '2 of 2',
      score: 18.515,
      nfe: 1,
      seconds: 10,
      states: [['done', 2]],
    });
    expect(rows[5].reason).toBe('Seed 1: Number 3 of 4. Seed 2: Number 3 of 4.');
  });

  it('are sorted by any column, with missing values last in both directions', () => {
    const rows = memberRows(detail.list);
    for (const isDescending of [false, true]) {
      const sorted = sortRows(rows, { by: 'rank', isDescending }, detail.spec).map(({ score }) => score);
      expect(sorted.slice(-4)).toEqual([null, null, null, null]);
      expect(sorted[0]).toBe(isDescending ? 17.01 : 18.52);
    }
    const byRate = sortRows(rows, { by: 'optim.learningRate', isDescending: true }, detail.spec);
    expect(byRate.map(rateOf).at(0)).toBe(0.1);
    expect(sortRows(rows, { by: 'nfe', isDescending: true }, detail.spec).at(-1)?.nfe).toBeNull();
  });

  it('give a run of each of the best settings', () => {
    const best = bestRuns(detail, 2);
    expect(best.map(({ values, seed }) => [values['sampler.solver'], seed])).toEqual([
      ['heun', 1],
      ['euler', 1],
    ]);
    expect(
      bestRuns(
        createDetail(() => null),
        2,
      ),
    ).toEqual([]);
  });
});

describe('the axes of a sweep', () => {
  const columns = sweepColumns(detail);

  it('are logarithmic where values are spaced by factors, and name what is no number', () => {
    expect(columns.map(({ key, kind }) => [key, kind])).toEqual([
      ['optim.learningRate', 'number'],
      ['sampler.solver', 'names'],
      ['score', 'number'],
    ]);
    expect(columns[0]).toMatchObject({ isLogarithmic: true, low: 0.001, high: 0.1, values: rates });
    expect(
      [
        [1, 2, 4, 8],
        [16, 24, 32],
        [0, 1, 10],
        [1, 100],
        [16, 32],
      ].map(isSpacedByFactors),
    ).toEqual([true, false, false, true, false]);
    expect(columnTicks(columns[0], 7).map(({ value, text }) => [Number(value.toFixed(3)), text])).toEqual([
      [0, '0.001'],
      [0.5, '0.01'],
      [1, '0.1'],
    ]);
    // Values that agree in four digits are written with more, so that no label is there twice.
    const close = {
      ...columns[0],
      isLogarithmic: false,
      low: 1,
      high: 1.00002,
      values: [1, 1.00001, 1.00002],
    };
    expect(columnTicks(close as (typeof columns)[number], 7).map(({ text }) => text)).toEqual([
      '1',
      '1.00001',
      '1.00002',
    ]);
    const scores = { ...close, key: 'score', low: 23.31, high: 23.34, values: [23.31, 23.3102, 23.34] };
    const texts = columnTicks(scores as (typeof columns)[number], 7).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('place members, and have no place for a score that is missing', () => {
    const [first] = detail.list;
    expect(columns.map((column) => placeOn(column, first))[0]).toBe(0);
    expect(placeOn(columns[2], { values: first.values, score: null })).toBeNull();
  });

  it('turn a drag into a filter, which lets the members in it through', () => {
    const low = brushOf(columns[0], 0.6, -1);
    expect(low).toEqual({ kind: 'number', from: null, to: 0.01585 });
    const brushes = withBrush({}, 'optim.learningRate', low);
    expect(detail.list.filter((member) => isBrushed(member, brushes))).toHaveLength(8);
    const names = brushOf(columns[1], 0.5, 1);
    expect(names).toEqual({ kind: 'names', names: ['Heun'] });
    const both = withBrush(brushes, 'sampler.solver', names);
    expect(detail.list.filter((member) => isBrushed(member, both))).toHaveLength(4);
    expect(withBrush(both, 'sampler.solver', null)).toEqual(brushes);
    expect(withBrush({}, 'score', { kind: 'number', from: null, to: null })).toEqual({});
    expect(brushOf(columns[0], 0.98, 0.02)).toEqual({ kind: 'number', from: null, to: null });
    expect(brushOf(columns[0], 0.5, 0.501)).toBeNull();
  });

  it('have lines in parallel coordinates, the best on top, which end where a score is missing', () => {
    const strokes = lineStrokes(detail, columns);
    expect(strokes.map(({ rank }) => rank).slice(0, 4)).toEqual([null, null, null, null]);
    expect(strokes.at(-1)).toMatchObject({ rank: 1, member: { score: 18.52 } });
    expect(strokes[0].places[2]).toBeNull();
    const layout = layOutLines(columns, { width: 600, height: 250 });
    expect(placeAt(layout, { x: layout.xs[1] + 5, y: layout.bottom })).toEqual({ axis: 1, fraction: 0 });
    expect(placeAt(layout, { x: (layout.xs[0] + layout.xs[1]) / 2, y: 100 })).toBeNull();
  });
});

describe('the charts of a sweep', () => {
  it('show a dot for every scored run, on a logarithmic axis where the values are', () => {
    const [rate, solver] = parameterCharts(detail, false);
    expect(rate.x.isLogarithmic).toBe(true);
    expect(rate.marks.map((mark) => ('points' in mark ? mark.points.length : 0))).toEqual([2, 8]);
    expect(solver.x.ticks?.(0, 1, 2)).toEqual([0, 1]);
    expect(solver.x.format?.(1)).toBe('Euler');
  });

  it('draw the curves of stopped runs behind all others, and name the best settings once', () => {
    const curves = new Map(
      detail.list.map(({ runId }) => [runId ?? '', { runId: runId ?? '', x: [1, 2], values: [3, 4] }]),
    );
    const look = { isDark: false, grey: '#888888', title: 'PSNR, dB', isLogarithmic: false };
    const best = detail.analysis.settings.slice(0, 1).map(({ setting }) => setting);
    const { marks } = learningCurves(detail, curves, best, look);
    expect(marks).toHaveLength(12);
    expect(marks.slice(0, 4).every((mark) => mark.kind === 'line' && mark.colour === '#888888')).toBe(true);
    expect(marks.flatMap((mark) => (mark.kind === 'line' && mark.label ? [mark.label] : []))).toHaveLength(1);
  });
});

it('a report of a sweep begins with its question, the verdict and the scores', () => {
  const { title, question, introduction } = proposeReport(detail);
  expect(title).toBe('rates');
  expect(question).toMatch(/^Which learning rate and .* is best\?$/);
  expect(introduction).toContain('wins with 18.52 dB');
  expect(introduction).toContain('1. Learning rate 0.01');
  expect(describeMembers(detail)).toBe('8 done, 4 stopped early');
});

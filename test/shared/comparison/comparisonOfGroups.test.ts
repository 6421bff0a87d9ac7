import { describe, expect, it } from 'vitest';
import { chartCsv } from '../../../shared/charts/chartCsv.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import { commonProtocols } from '../../../shared/comparison/commonProtocols.ts';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import {
  describeGroups,
  differenceLines,
  groupComparedRuns,
  groupDifferences,
  groupResults,
  groupTables,
  representGroups,
} from '../../../shared/comparison/comparisonOfGroups.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { comparisonCells, tablesCsv } from '../../../shared/comparison/comparisonTables.ts';
import { meanCurve, meanCurvesChart } from '../../../shared/comparison/groupCurves.ts';
import { configurationWords, type Grouping, pageWords } from '../../../shared/runGroups.ts';
import { exampleComparedEvaluation, exampleComparedRun, exampleFieldRow } from './exampleComparedRun.ts';

/** A run of a learning rate and a seed whose PSNR is `gain` dB above 21.5. */
function runOf(learningRate: number, seed: number, gain: number, tags: string[] = []): ComparedRun {
  const id = `rate${String(learningRate).slice(-1)}${'abcdefg'[seed]}aa`;
  return exampleComparedRun(
    `rate ${learningRate} seed ${seed}`,
    [exampleComparedEvaluation([exampleFieldRow('flow · posterior mean', gain)])],
    { id, tags, config: { seed, optim: { learningRate } } },
  );
}

function compare(runs: readonly ComparedRun[], by: Grouping = 'setting') {
  const groups = groupComparedRuns(runs, by, configurationWords);
  return groupResults(groups, comparisonOfRuns(runs, commonProtocols(runs)[0]));
}

const runs = [
  runOf(0.001, 2, 2),
  runOf(0.001, 1, 1),
  runOf(0.001, 3, 3),
  runOf(0.002, 1, 3.2),
  runOf(0.002, 2, 3.8),
  runOf(0.002, 3, 5),
];

describe('a group of runs', () => {
  it('is a setting with its seeds as repeats, named by what differs between settings', () => {
    const groups = groupComparedRuns(runs, 'setting', configurationWords);
    expect(groups.map(({ name }) => name)).toEqual(['learningRate 0.001', 'learningRate 0.002']);
    expect(groups[0].runs.map(({ config }) => config.seed)).toEqual([1, 2, 3]);
  });

  it('is named as on the page there', () => {
    const namesBy = (by: Grouping) => groupComparedRuns(runs, by, pageWords).map(({ name }) => name);
    expect(namesBy('setting')).toEqual(['Learning rate 0.001', 'Learning rate 0.002']);
    expect(namesBy('field.kind')).toEqual(['Network Perceiver IO']);
  });

  it('may be a tag, and contains a run once for each of its tags', () => {
    const groups = groupComparedRuns(
      [runOf(0.001, 1, 1, ['a', 'b']), runOf(0.001, 2, 1)],
      'tag',
      configurationWords,
    );
    expect(groups.map(({ name, runs: own }) => [name, own.length])).toEqual([
      ['a', 1],
      ['b', 1],
      ['no tag', 1],
    ]);
  });

  it('may be a dataset: its images are the same if their checksums are, wherever they came from', () => {
    const sources = [
      'folder:/here/photos',
      'folder:/there/copies',
      'folder:/here/others',
      'folder:/here/photos',
    ];
    const checksums = ['c'.repeat(64), 'c'.repeat(64), 'd'.repeat(64), null];
    const trained = sources.map((source, seed): ComparedRun => {
      const run = runOf(0.001, seed, 1);
      const checksum = checksums[seed];
      return {
        ...run,
        config: { ...run.config, data: { ...run.config.data, source } },
        dataset: checksum === null ? null : { checksum, images: 4 },
      };
    });
    const groups = groupComparedRuns(trained, 'data', configurationWords);
    expect(groups.map(({ name, runs: own }) => [name, own.length])).toEqual([
      ['photos', 3],
      ['others', 1],
    ]);
  });

  it('has the mean over seeds with its t interval, and an interval over images that seeds do not change', () => {
    const [{ scores, seeds }] = compare(runs);
    expect(seeds).toEqual([1, 2, 3]);
    expect(scores.psnr.seeds.mean).toBeCloseTo(23.5, 12);
    expect(scores.psnr.seeds.interval?.[1]).toBeCloseTo(23.5 + 4.302652729749464 / Math.sqrt(3), 9);
    // The mean over seeds of the four images is 22, 23, 24 and 25: no mean of them leaves that range.
    const [low, high] = scores.psnr.images ?? [0, 0];
    expect(low).toBeGreaterThanOrEqual(22);
    expect(high).toBeLessThanOrEqual(25);
    const shifted = compare([runOf(0.001, 1, 1), runOf(0.001, 2, 3), runOf(0.002, 1, 1)]);
    expect(shifted[0].scores.psnr.images).toEqual(scores.psnr.images);
  });

  it('counts the runs of one seed once: repeating a seed adds no information', () => {
    const twice = [
      ...runs.slice(0, 3),
      exampleComparedRun('again', runs[0].evaluations, { config: runs[0].config }),
    ];
    const [once, doubled] = [compare(runs.slice(0, 3))[0], compare(twice)[0]];
    expect([doubled.rows.length, doubled.seeds.length]).toEqual([4, 3]);
    expect(doubled.scores.psnr.seeds).toEqual(once.scores.psnr.seeds);
  });

  it('is represented by its run with the smallest seed, which takes its name', () => {
    const [first] = representGroups(
      groupComparedRuns(runs, 'setting', configurationWords),
      commonProtocols(runs)[0],
    );
    expect([first.config.seed, first.summary.name]).toEqual([1, 'learningRate 0.001']);
  });
});

describe('the difference between groups', () => {
  it('is tested over seeds, in pairs of equal seeds', () => {
    const [difference] = groupDifferences(compare(runs), 'psnr');
    // 2.2, 1.8 and 2: a mean of 2 and a deviation of 0.2.
    expect(difference.difference).toBeCloseTo(2, 12);
    expect(difference.method).toBe('paired by seed');
    expect(difference.interval?.[0]).toBeCloseTo(2 - (4.302652729749464 * 0.2) / Math.sqrt(3), 9);
    expect(difference.adjusted).toBe(difference.pValue);
    expect(differenceLines([difference])[0].slice(0, 3)).toEqual([
      'learningRate 0.002',
      'learningRate 0.001',
      '+2.00 dB',
    ]);
    expect(describeGroups(compare(runs))).toMatch(
      /^“learningRate 0\.002” is better than “learningRate 0\.001” by 2\.00 dB PSNR \(95 % interval \+1\.50 to \+2\.50 over 3 and 3 seeds, paired by seed\)\.$/,
    );
  });

  it('is not claimed with one seed, however many images there are', () => {
    const single = compare([runOf(0.001, 1, 1), runOf(0.002, 1, 5)]);
    expect(groupDifferences(single, 'psnr')[0]).toMatchObject({
      interval: null,
      pValue: null,
      adjusted: null,
    });
    expect(describeGroups(single)).toContain('How surely is not known: a group with one seed');
  });

  it('is not clear if its interval over seeds holds zero', () => {
    const noisy = compare([runOf(0.001, 1, 1), runOf(0.001, 2, 3), runOf(0.002, 1, 4), runOf(0.002, 2, 1)]);
    expect(describeGroups(noisy)).toMatch(
      /^No clear difference: “learningRate 0\.002” is ahead of .* holds zero\.$/,
    );
  });

  it('is not tested between groups with a run in common', () => {
    const tagged = [runOf(0.001, 1, 1, ['a', 'b']), runOf(0.001, 2, 2, ['a']), runOf(0.002, 3, 3, ['b'])];
    const [difference] = groupDifferences(compare(tagged, 'tag'), 'psnr');
    expect(difference).toMatchObject({ interval: null, pValue: null, caveat: 'they have runs in common' });
  });
});

describe('the table of groups', () => {
  it('has both intervals as text and in full as CSV, and marks the best mean', () => {
    const [table, errors] = groupTables(compare(runs));
    const [first, second] = comparisonCells(table);
    expect(first.slice(0, 4).map(({ text }) => text)).toEqual(['3', '3', '1', '23.50 ± 2.48']);
    expect([first[3].isBest, second[3].isBest]).toEqual([false, true]);
    const [head, line] = tablesCsv([table, errors], table.rows, {}).split('\r\n');
    expect(head).toContain('PSNR dB 95 % over seeds low,PSNR dB 95 % over seeds high');
    expect(head).toContain('PSNR dB 95 % over images low');
    expect(line).toMatch(/^learningRate 0\.001,3,3,1,23\.5,1,21\.0158/);
  });
});

describe('the mean curve of a group', () => {
  const curve = (seed: number, ...values: number[]) => ({
    seed,
    values,
    steps: values.map((_, index) => 10 * (index + 1)),
  });

  it('is the mean over seeds with its interval, at the steps that all runs have', () => {
    const points = meanCurve([curve(1, 1, 2, 3), curve(2, 3, 4)]);
    expect(points.map(({ step, mean }) => [step, mean])).toEqual([
      [10, 2],
      [20, 3],
    ]);
    // t(0.975, 1) · √2 / √2
    expect(points[0].interval?.[1]).toBeCloseTo(2 + 12.706204736432095, 9);
    expect(meanCurve([curve(1, 1, 2)])[0].interval).toBeNull();
  });

  it('is drawn as a line with a band, whose ends are in its CSV', () => {
    const style = { name: 'wide', colour: '#000000', dash: [] };
    const chart = meanCurvesChart([{ style, curves: [curve(1, 1, 2), curve(2, 3, 4)] }], {
      title: 'PSNR',
      quantity: 'PSNR, dB',
    });
    expect(chartSvg(chart)).toMatch(/<path d="M[^"]+Z" fill-opacity="0.16"\/>/);
    expect(chartCsv(chart).split('\r\n')[1]).toMatch(/^wide,10,2,-10\.7062\d*,14\.7062/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { commonProtocols } from '../../../shared/comparison/commonProtocols.ts';
import {
  coverageChart,
  differenceChart,
  intervalsChart,
  pairsChart,
  qualityChart,
  rankChart,
} from '../../../shared/comparison/comparisonCharts.ts';
import { chartCsv } from '../../../shared/charts/chartCsv.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { qualityCurve } from '../../../shared/comparison/qualityCurve.ts';
import { comparisonVerdict, formatProbability } from '../../../shared/comparison/comparisonVerdict.ts';
import { signed } from '../../../shared/numbers/nonFinite.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { exampleEvaluation, exampleRow, fullRows } from '../../reports/exampleEvaluation.ts';
import { exampleRunSummary } from '../exampleRun.ts';

/**
 * Creates a run whose posterior mean has this PSNR for each image. Without `hasImages`, only the means over all images
 * are known.
 */
function run(name: string, psnr: readonly number[], hasImages = true): ComparedRun {
  const mean = psnr.reduce((sum, value) => sum + value, 0) / psnr.length;
  const perImage = {
    psnr: [...psnr],
    psnrUnobserved: [...psnr],
    ssim: [...psnr],
    mse: [...psnr],
    mae: [...psnr],
    crps: null,
  };
  const row = exampleRow({
    method: 'flow · posterior mean (1 NFE)',
    nfe: 1,
    samples: 1,
    psnr: mean,
    seconds: 2.5,
    perImage: hasImages ? perImage : null,
  });
  const protocol = { ...exampleEvaluation.protocol, images: psnr.length };
  return {
    summary: exampleRunSummary({ id: name, name }),
    config: resolvePreset(presets[0]),
    dataset: null,
    checkpoints: [],
    evaluations: [
      { id: 1, step: 100, createdAt: '2026-01-01T00:00:00Z', imageSheets: null, protocol, rows: [row] },
    ],
  };
}

function verdictOf(runs: readonly ComparedRun[]) {
  return comparisonVerdict(runs, comparisonOfRuns(runs, commonProtocols(runs)[0]));
}

const wave = Array.from({ length: 40 }, (_, image) => 22 + Math.sin(image));

describe('the verdict of a comparison', () => {
  it('names the better run, by how much and how certainly, and at what cost', () => {
    const better = wave.map((value, image) => value + 0.5 + 0.1 * Math.cos(3 * image));
    const verdict = verdictOf([run('old', wave), run('new', better)]);
    expect(verdict).toMatchObject({ leaderId: 'new', isSure: true });
    expect(verdict?.text).toMatch(
      /^“new” is better than “old” by 0\.50 dB PSNR \(95 % interval \+0\.4\d to \+0\.5\d dB\) on 40 images: better on 40, worse on 0 \(sign test p < 0\.001\)\./,
    );
    expect(verdict?.text).toMatch(
      / Cost: \d+ against \d+ training steps, 1 network evaluation \(NFE\) per image each\.$/,
    );
  });

  it('compares no seconds, which depend on what else a machine was computing', () => {
    const idle = run('idle', wave);
    const better = run(
      'busy',
      wave.map((value) => value + 1),
    );
    const busy = { ...better, summary: { ...better.summary, processSeconds: 90_000 } };
    expect(verdictOf([idle, busy])?.text).not.toMatch(/\d (s|min|h)\b/);
  });

  it('calls runs practically equal that differ by less than 0.05 dB, however surely', () => {
    const raised = (by: number) =>
      run(
        'new',
        wave.map((value) => value + by),
      );
    const verdict = verdictOf([run('old', wave), raised(0.02)]);
    expect(verdict).toMatchObject({ leaderId: null, isSure: false });
    expect(verdict?.text).toMatch(
      /^“new” and “old” are practically equal: they differ by 0\.02 dB PSNR on 40 images, less than 0\.05 dB\. Cost/,
    );
    expect(verdictOf([run('old', wave), raised(0.06)])).toMatchObject({ leaderId: 'new', isSure: true });
  });

  it('claims no difference if the interval contains zero', () => {
    const alike = wave.map((value, image) => value + (image % 2 === 0 ? 1.1 : -0.9));
    const verdict = verdictOf([run('old', wave), run('new', alike)]);
    expect(verdict?.isSure).toBe(false);
    expect(verdict?.text).toMatch(/^No clear difference: “new” is ahead of “old” by 0\.10 dB PSNR, but/);
  });

  it('names the second best of several runs, and states that the certainty is unknown without scores per image', () => {
    const runs = [
      run('one', wave, false),
      run(
        'two',
        wave.map((value) => value + 1),
        false,
      ),
      run(
        'three',
        wave.map((value) => value - 1),
        false,
      ),
    ];
    expect(verdictOf(runs)?.text).toMatch(
      /^“two” is better than “one”, the next best of 3 runs, by 1\.00 dB PSNR on 40 images; how surely is not known/,
    );
  });

  it('names no leader among equal runs, and does not exist for a single run', () => {
    expect(verdictOf([run('old', wave), run('new', wave)])).toMatchObject({ leaderId: null, isSure: false });
    expect(verdictOf([run('old', wave)])).toBeNull();
  });

  /** Returns the run with these changes to its rows. */
  const withRow = (
    original: ComparedRun,
    changes: Partial<ComparedRun['evaluations'][0]['rows'][0]>,
  ): ComparedRun => ({
    ...original,
    evaluations: original.evaluations.map((each) => ({
      ...each,
      rows: each.rows.map((row) => ({ ...row, ...changes })),
    })),
  });
  const errorsOf = (psnr: readonly number[]) => psnr.map((value) => 10 ** (-value / 10));
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  /** Creates a run whose squared errors follow from its PSNR. */
  const runWithErrors = (name: string, psnr: readonly number[]) => {
    const created = run(name, psnr);
    const mse = errorsOf(psnr);
    const { perImage } = created.evaluations[0].rows[0];
    return withRow(created, { mse: meanOf(mse), perImage: perImage && { ...perImage, mse } });
  };

  it('reports that the metrics disagree instead of calling a run with larger errors better', () => {
    const better = wave.map((value) => value + 0.5);
    const scores = { mse: 0.02, mae: 0.05, ssim: 0.5 };
    const verdict = verdictOf([
      withRow(run('old', wave), scores),
      withRow(run('new', better), { ...scores, mse: 0.03 }),
    ]);
    expect(verdict).toMatchObject({ leaderId: null, isSure: false });
    expect(verdict?.text).toMatch(
      /^The measures disagree on 40 images: “new” has the better mean PSNR \(22\.\d\d against 22\.\d\d dB\), but “old” has the better MSE \(0\.02000 against 0\.03000\)\./,
    );
  });

  it('is based on the squared error if some images are nearly exact, so that a few of them do not decide', () => {
    const white = Array.from({ length: 6 }, () => 70);
    const dull = Array.from({ length: 6 }, () => 26);
    const flat = runWithErrors('flat', [...wave, ...dull]);
    const probe = runWithErrors('probe', [...wave.map((value) => value - 2), ...white]);
    const verdict = verdictOf([probe, flat]);
    expect(verdict).toMatchObject({ leaderId: 'flat', isSure: true });
    expect(verdict?.text).toMatch(
      /^“flat” is better than “probe” by 1\.\d\d dB pooled PSNR, MSE 0\.0\d+ against 0\.0\d+ \(95 % interval −0\.00\d+ to −0\.00\d+ MSE\) on 46 images: better on 40, worse on 6 \(sign test p < 0\.001\)\. Some images are exact or nearly so/,
    );
  });

  it('ranks runs with exact images by their squared error, and states if all images are exact', () => {
    const exact = [Infinity, 20, 20, 20];
    const all = [Infinity, Infinity, Infinity, Infinity];
    const runs = [runWithErrors('some', exact), runWithErrors('none', [24, 24, 24, 24])].map((each) =>
      withRow(each, { psnr: 24 - each.evaluations[0].rows[0].mse }),
    );
    expect(verdictOf(runs)?.leaderId).toBe('none');
    const both = [runWithErrors('one', all), runWithErrors('two', all)];
    expect(verdictOf(both)?.leaderId).toBeNull();
    expect(verdictOf(both)?.text).toContain('“one” and “two” reconstruct all 4 images exactly.');
    expect(verdictOf([runWithErrors('some', exact), runWithErrors('every', all)])?.text).toContain(
      '“every” is better than “some” by ∞ dB pooled PSNR, MSE 0.00000 against 0.00750',
    );
  });

  it('never calls a run better that is worse in MSE, MAE or SSIM', () => {
    const score = fc.record({
      psnr: fc.array(fc.double({ min: 10, max: 90, noNaN: true }), { minLength: 8, maxLength: 8 }),
      mae: fc.double({ min: 0, max: 1, noNaN: true }),
      ssim: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(score, score, (one, two) => {
        const make = (name: string, { psnr, mae, ssim }: typeof one) =>
          withRow(runWithErrors(name, psnr), { mae, ssim });
        const runs = [make('one', one), make('two', two)];
        const verdict = verdictOf(runs);
        if (!verdict?.leaderId) return;
        const [leader, other] = runs
          .toSorted((run) => (run.summary.id === verdict.leaderId ? -1 : 1))
          .map(({ evaluations }) => evaluations[0].rows[0]);
        expect(leader.mse).toBeLessThanOrEqual(other.mse + 1e-5);
        expect(leader.mae).toBeLessThanOrEqual(other.mae + 1e-4);
        expect(leader.ssim).toBeGreaterThanOrEqual(other.ssim - 1e-4);
      }),
      { numRuns: 60 },
    );
  });

  it('formats probabilities and differences as papers do', () => {
    expect([0.0004, 0.0421, 0.5].map(formatProbability)).toEqual(['p < 0.001', 'p = 0.042', 'p = 0.50']);
    expect([0.421, -0.1, -0.001].map((value) => signed(value))).toEqual(['+0.42', '−0.10', '0.00']);
  });
});

describe('the charts of a comparison', () => {
  const look = { name: 'new', colour: '#0067a5', dash: [] };
  const distribution = fullRows().flatMap((row) => row.distribution ?? [])[0];

  it('contain their numbers in SVG and CSV', () => {
    const bins = { edges: [-1, 0, 1], counts: [3, 4] };
    const pairs = { values: [1, 2, null], reference: [2, 2, 3], referenceName: 'old' };
    const point = {
      solver: 'heun',
      steps: 5,
      samples: 8,
      psnrSample: 20,
      ssimMean: 0.5,
      crps: 1,
      energyScore: 1,
    };
    const others = { varianceShare: 1, spread: 1, spreadSkill: 1, spectrumError: 1 };
    const points = [
      { ...point, ...others, nfe: 9, seconds: 2, psnrMean: 24 },
      { ...point, ...others, nfe: 3, seconds: 1, psnrMean: 23 },
    ];
    const charts = [
      differenceChart(bins, 'PSNR, dB', look),
      pairsChart(pairs, 'PSNR, dB', look),
      intervalsChart([{ ...look, mean: 1, interval: [0.5, 1.5] }], 'Differences', 'PSNR, dB'),
      qualityChart([{ ...look, points }], 'nfe'),
      coverageChart([{ ...look, distribution }]),
      rankChart({ ...look, distribution }),
    ];
    for (const chart of charts) expect(chartSvg(chart)).not.toMatch(/NaN|Infinity|undefined/);
    const coverage = charts[4];
    for (const axis of ['x', 'y'] as const) expect(coverage[axis].range).toEqual([0, 1]);
    const [differences, pair, interval, quality] = charts.map(chartCsv);
    expect(differences).toContain(',-0.5,3,-1,0\r\n');
    expect(pair.trim().split('\r\n')).toEqual([
      'series,"old, PSNR, dB","new, PSNR, dB",low,high',
      ',2,1,,',
      ',2,2,,',
    ]);
    expect(interval).toContain(',1,new,0.5,1.5\r\n');
    expect(quality).toContain('new · Heun,3,23,,\r\nnew · Heun,9,24,,\r\n');
  });

  it('draw points of one number of samples as a line, because the mean of more samples is better at equal cost', () => {
    const [point] = qualityCurve({ rows: fullRows() });
    const of = (samples: number, ...nfes: number[]) => nfes.map((nfe) => ({ ...point, samples, nfe }));
    const lines = (...runs: (readonly (typeof point)[])[]) =>
      qualityChart(
        runs.map((points, index) => ({ ...look, name: `run ${index}`, points })),
        'nfe',
      ).marks.map((mark) => mark.kind === 'line' && [mark.label, mark.points.map(([nfe]) => nfe)]);
    expect(lines([...of(8, 9), ...of(4, 1, 3)], of(4, 1, 3))).toEqual([
      ['run 0 · Heun', [1, 3]],
      ['run 1 · Heun', [1, 3]],
    ]);
    expect(lines(of(4, 1, 3), of(8, 9))).toEqual([
      ['run 0 · Heun, mean of 4', [1, 3]],
      ['run 1 · Heun, mean of 8', [9]],
    ]);
  });

  it('distinguish several solvers of a run by dashes, and keep the dashes of the run for a single solver', () => {
    const [point] = qualityCurve({ rows: fullRows() });
    const dashes = (solvers: readonly string[]) => {
      const points = solvers.map((solver) => ({ ...point, solver }));
      const { marks } = qualityChart([{ ...look, dash: [1, 1], points }], 'seconds');
      return marks.map((mark) => mark.kind === 'line' && mark.dash.join(' '));
    };
    expect(dashes(['heun'])).toEqual(['1 1']);
    expect(new Set(dashes(['heun', 'euler', 'ddim'])).size).toBe(3);
  });
});

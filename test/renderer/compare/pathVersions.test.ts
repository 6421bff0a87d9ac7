import { describe, expect, it } from 'vitest';
import {
  pathsOfRuns,
  pathVersions,
  statesAt,
  timesOfAll,
} from '../../../renderer/models/compare/pathVersions.ts';
import { describeTime } from '../../../renderer/models/images/versionNames.ts';
import type { ComparedRun, ImageSheets } from '../../../shared/comparison/comparison.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { commonProtocols } from '../../../shared/comparison/commonProtocols.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';

const one = 'flow · one sample (heun)';
const two = 'flow · mean of 2 samples';
const field = { solver: 'heun', solverSteps: 5, nfe: 9 } as const;
const rows = [
  exampleRow({ ...field, method: 'flow · posterior mean', samples: 1 }),
  exampleRow({ ...field, method: one, samples: 1 }),
  exampleRow({ ...field, method: two, samples: 2 }),
];

/** Creates a run with stored states at these times, each the same for all images or one for each of two images. */
function createRun(name: string, times: readonly (readonly number[])[]): ComparedRun {
  const results = ['truth', 'known', ...rows.map(({ method }) => method)];
  const states = times.map((stateTimes, index) => ({
    method: one,
    times: stateTimes,
    sheet: results.length + index,
  }));
  const imageSheets: ImageSheets = {
    images: 2,
    columns: 2,
    imageSize: 32,
    states,
    sheets: [...results, ...states.map((_, index) => `${one}, state ${index + 1}`)],
  };
  const { protocol } = exampleEvaluation;
  return {
    summary: { id: name.padEnd(8, 'a'), name } as ComparedRun['summary'],
    config: resolvePreset(presets[0]),
    evaluations: [{ id: 1, step: 7, createdAt: '2026-01-01T00:00:00Z', imageSheets, protocol, rows }],
    checkpoints: [],
  };
}

function comparePaths(...runs: readonly ComparedRun[]) {
  const comparison = comparisonOfRuns(runs, commonProtocols(runs)[0]);
  return {
    from: { runs, comparison, describe: (time: number) => describeTime(time) },
    paths: pathsOfRuns(runs, comparison),
  };
}

describe('pathVersions', () => {
  it('Paths belong to single samples of runs with stored states', () => {
    const { paths } = comparePaths(createRun('wide', [[0], [1]]), createRun('deep', []));
    expect(paths).toMatchObject([{ runId: 'wideaaaa', method: one, result: 'one sample (heun)', step: 7 }]);
  });

  it('Times of all runs are merged in ascending order', () => {
    const { paths } = comparePaths(
      createRun('wide', [[0], [0.5], [1]]),
      createRun('deep', [[0], [0.25], [0.5], [1]]),
    );
    expect(timesOfAll(paths, 0)).toEqual([0, 0.25, 0.5, 1]);
  });

  it('Each run is shown at the nearest earlier time, which its title names', () => {
    const { from, paths } = comparePaths(
      createRun('wide', [[0], [0.5], [1]]),
      createRun('deep', [[0], [0.25], [1]]),
    );
    const versions = pathVersions(statesAt(paths, { image: 0, time: 0.5 }), from);
    expect(versions.map(({ title, path }) => [title, path])).toEqual([
      ['Truth', 'runs/wideaaaa/evaluations/1/0.png'],
      ['Known pixels', 'runs/wideaaaa/evaluations/1/1.png'],
      ['wide, t = 0.50 · one sample (heun)', 'runs/wideaaaa/evaluations/1/6.png'],
      ['deep, t = 0.25 · one sample (heun)', 'runs/deepaaaa/evaluations/1/6.png'],
    ]);
  });

  it('With an adaptive solver, each image has its own times', () => {
    const { paths } = comparePaths(createRun('wide', [[0], [0, 0.2], [0.4, 0.3], [1]]));
    expect([0, 1].map((image) => timesOfAll(paths, image))).toEqual([
      [0, 0.4, 1],
      [0, 0.2, 0.3, 1],
    ]);
    const [{ state }] = statesAt(paths, { image: 1, time: 0.25 });
    expect(state).toEqual({ time: 0.2, path: 'runs/wideaaaa/evaluations/1/6.png' });
  });
});

import { describe, expect, it } from 'vitest';
import {
  canCompare,
  compareAddress,
  groupingOfSelection,
  groupingWithin,
  readComparison,
} from '../../../renderer/models/compare/compareAddress.ts';
import {
  pathsOfRuns,
  pathVersions,
  statesAt,
  timesOfAll,
} from '../../../renderer/models/compare/pathVersions.ts';
import {
  findImage,
  previewVersions,
  stepAtOrBefore,
  stepsOfAll,
} from '../../../renderer/models/compare/previewVersions.ts';
import { areaOf, sheetVersions } from '../../../renderer/models/compare/sheetVersions.ts';
import {
  hasSamePixels,
  imageFromPixels,
  type RasterImage,
} from '../../../renderer/models/images/rasterImage.ts';
import { describeTime } from '../../../renderer/models/images/inspectorChoices.ts';
import { commonProtocols } from '../../../shared/comparison/commonProtocols.ts';
import type { ComparedRun, ImageSheets } from '../../../shared/comparison/comparison.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';
import { exampleRunSummary } from '../../shared/exampleRun.ts';

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
    summary: exampleRunSummary({ id: name.padEnd(8, 'a'), name }),
    config: resolvePreset(presets[0]),
    dataset: null,
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

describe('sampling paths of compared runs', () => {
  it('belong to single samples of runs with stored states', () => {
    const { paths } = comparePaths(createRun('wide', [[0], [1]]), createRun('deep', []));
    expect(paths).toMatchObject([{ runId: 'wideaaaa', method: one, result: 'one sample (Heun)', step: 7 }]);
  });

  it('have the times of all runs in ascending order', () => {
    const { paths } = comparePaths(
      createRun('wide', [[0], [0.5], [1]]),
      createRun('deep', [[0], [0.25], [0.5], [1]]),
    );
    expect(timesOfAll(paths, 0)).toEqual([0, 0.25, 0.5, 1]);
  });

  it('show each run at its nearest earlier time, which its title contains', () => {
    const { from, paths } = comparePaths(
      createRun('wide', [[0], [0.5], [1]]),
      createRun('deep', [[0], [0.25], [1]]),
    );
    const versions = pathVersions(statesAt(paths, { image: 0, time: 0.5 }), from);
    expect(versions.map(({ title, path }) => [title, path])).toEqual([
      ['Truth', 'runs/wideaaaa/evaluations/1/0.png'],
      ['Known pixels', 'runs/wideaaaa/evaluations/1/1.png'],
      ['wide, t = 0.50 · one sample (Heun)', 'runs/wideaaaa/evaluations/1/6.png'],
      ['deep, t = 0.25 · one sample (Heun)', 'runs/deepaaaa/evaluations/1/6.png'],
    ]);
  });

  it('have separate times for each image with an adaptive solver', () => {
    const { paths } = comparePaths(createRun('wide', [[0], [0, 0.2], [0.4, 0.3], [1]]));
    expect([0, 1].map((image) => timesOfAll(paths, image))).toEqual([
      [0, 0.4, 1],
      [0, 0.2, 0.3, 1],
    ]);
    const [{ state }] = statesAt(paths, { image: 1, time: 0.25 });
    expect(state).toEqual({ time: 0.2, path: 'runs/wideaaaa/evaluations/1/6.png' });
  });
});

/** Returns an image of two pixels with the same grey. */
function grey(value: number, width = 2): RasterImage {
  const pixels = Uint8ClampedArray.from({ length: width * 4 }, (_, index) => (index % 4 === 3 ? 255 : value));
  return imageFromPixels({ width, height: 1 }, pixels);
}

const rowOf = (truth: number, observed = 128) => ({
  truth: grey(truth),
  observed: grey(observed),
  result: grey(truth + 1),
});

describe('the steps of previews', () => {
  it('of all runs are merged in ascending order', () => {
    const previews = [
      { runId: 'aaaaaaaa', steps: [0, 250, 1000] },
      { runId: 'bbbbbbbb', steps: [0, 100, 250] },
    ];
    expect(stepsOfAll(previews)).toEqual([0, 100, 250, 1000]);
  });

  it('show each run at its nearest earlier step', () => {
    expect([0, 99, 100, 260].map((step) => stepAtOrBefore([100, 250], step))).toEqual([null, null, 100, 250]);
    expect(stepAtOrBefore([], 5)).toBeNull();
  });
});

describe('findImage', () => {
  it('finds an image by its pixels, at any position', () => {
    const rows = [rowOf(10), rowOf(20)];
    expect(findImage(rows, grey(20))).toBe(rows[1]);
    expect(findImage(rows, grey(30))).toBeNull();
    expect(hasSamePixels(grey(20), grey(20, 3))).toBe(false);
  });
});

describe('previewVersions', () => {
  const runAt = (name: string, step: number | null, row: ReturnType<typeof rowOf> | null) => ({
    runId: name.padEnd(8, 'a'),
    name,
    step,
    row,
  });

  it('returns titles with the run and the actual step', () => {
    const versions = previewVersions([runAt('wide', 1200, rowOf(10)), runAt('deep', 250, rowOf(10))]);
    expect(versions.map(({ title }) => title)).toEqual([
      'Truth',
      'Known pixels',
      'wide, step 1200',
      'deep, step 250',
    ]);
    expect(versions.map(({ image }) => image?.read({ x: 0, y: 0, width: 1, height: 1 })[0])).toEqual([
      10, 128, 11, 11,
    ]);
  });

  it('lists known pixels for each run if they differ', () => {
    const versions = previewVersions([runAt('wide', 5, rowOf(10)), runAt('deep', 5, rowOf(10, 10))]);
    expect(versions.slice(1, 3).map(({ value, title }) => [value, title])).toEqual([
      ['known', 'Known to wide'],
      ['known:0', 'Known to deep'],
    ]);
  });

  it('returns no image for a run without a preview that early', () => {
    const versions = previewVersions([runAt('late', null, null), runAt('wide', 5, rowOf(10))]);
    expect(versions.map(({ title, image }) => [title, image !== null])).toEqual([
      ['Truth', true],
      ['Known pixels', true],
      ['late, no preview yet', false],
      ['wide, step 5', true],
    ]);
  });

  it('says why a run has no image: no preview that early, or previews of other images', () => {
    const versions = previewVersions([
      runAt('wide', 5, rowOf(10)),
      runAt('late', null, null),
      { ...runAt('other', 5, null), hasOtherImages: true },
      runAt('loading', 5, null),
    ]);
    expect(versions.slice(2).map(({ missing }) => missing)).toEqual([
      undefined,
      'No preview yet',
      'Its previews show other images: other data, or another size',
      undefined,
    ]);
  });
});

describe('areaOf', () => {
  it('returns the area at the column and row of an image', () => {
    const imageSheets = { images: 100, columns: 10, imageSize: 32, sheets: ['truth', 'known'], states: [] };
    expect(areaOf(imageSheets, 0)).toEqual({ x: 0, y: 0, width: 32, height: 32 });
    expect(areaOf(imageSheets, 37)).toEqual({ x: 224, y: 96, width: 32, height: 32 });
  });
});

describe('sheetVersions', () => {
  it('returns the sheet of each row if a method was evaluated with several step counts', () => {
    const rows = [5, 10].map((solverSteps) =>
      exampleRow({
        method: 'flow · one sample (heun)',
        nfe: solverSteps,
        samples: 1,
        solver: 'heun',
        solverSteps,
      }),
    );
    const sheets = ['truth', 'known', ...rows.map(({ method }) => method)];
    const imageSheets = { images: 4, columns: 2, imageSize: 32, sheets, states: [] };
    const { protocol } = exampleEvaluation;
    const runs = ['aaaaaaaa', 'bbbbbbbb'].map((id, index): ComparedRun => ({
      summary: exampleRunSummary({ id, name: id }),
      config: resolvePreset(presets[0]),
      dataset: null,
      evaluations: [
        { id: index + 1, step: 1, createdAt: '2026-01-01T00:00:00Z', imageSheets, protocol, rows },
      ],
      checkpoints: [],
    }));
    const comparison = comparisonOfRuns(runs, commonProtocols(runs)[0], 'one sample (heun), heun 10');
    expect(sheetVersions(runs, comparison).map(({ path }) => path)).toEqual([
      'runs/aaaaaaaa/evaluations/1/0.png',
      'runs/aaaaaaaa/evaluations/1/1.png',
      'runs/aaaaaaaa/evaluations/1/3.png',
      'runs/bbbbbbbb/evaluations/2/3.png',
    ]);
  });
});

describe('the address of a comparison', () => {
  const many = Array.from({ length: 12 }, (_, index) => `aaaaaaa${'abcdefghijkl'[index]}`);

  it('contains each valid run once, and what the runs are grouped by', () => {
    const runs = 'aaaaaaaa,bbbbbbbb,aaaaaaaa,../../etc,cccccccc';
    expect(readComparison({ runs })).toEqual({ ids: ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'], by: null });
    expect(readComparison({ runs, by: 'optim.learningRate' }).by).toBe('optim.learningRate');
    expect(readComparison({ runs, by: 'constructor' }).by).toBeNull();
    expect(readComparison({})).toEqual({ ids: [], by: null });
    expect(compareAddress(['aaaaaaaa', 'bbbbbbbb'], 'tag').query).toEqual({
      runs: 'aaaaaaaa,bbbbbbbb',
      by: 'tag',
    });
  });

  it('groups more than ten runs by their settings unless it says by what', () => {
    expect(readComparison({ runs: many.join(',') })).toEqual({ ids: many, by: 'setting' });
    expect(compareAddress(many).query.by).toBe('setting');
    expect(compareAddress(many, 'sweep').query.by).toBe('sweep');
  });

  it('is available for two or more runs', () => {
    const counts = [0, 1, 2, 11, 5000, 5001];
    expect(counts.map((count) => canCompare(Array.from({ length: count }, String)))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('compares the runs of one group one by one, many of them by setting, and those of one setting by seed', () => {
    expect(groupingWithin({ ids: many.slice(0, 3) }, 'tag')).toBeNull();
    expect(groupingWithin({ ids: many }, 'tag')).toBe('setting');
    expect(groupingWithin({ ids: many }, 'setting')).toBe('seed');
  });

  it('takes over the groups of the list if two of them are selected with several runs', () => {
    const groups = [{ ids: ['a', 'b'] }, { ids: ['c', 'd'] }];
    expect(groupingOfSelection(['a', 'b', 'c'], groups, 'tag')).toBe('tag');
    expect(groupingOfSelection(['a', 'c'], groups, 'tag')).toBeNull();
    expect(groupingOfSelection(['a', 'b'], groups, 'tag')).toBeNull();
  });
});

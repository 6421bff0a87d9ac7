import { describe, expect, it } from 'vitest';
import {
  describeClassical,
  describeEntries,
  describeMask,
  describeSolver,
  formatSeconds,
  listFacts,
  resultPsnr,
} from '../../../renderer/models/inpainting/describeInpainting.ts';
import {
  listImageVersions,
  overviewVersions,
  sizeOf,
} from '../../../renderer/models/inpainting/imageVersions.ts';
import {
  inpaintingScoresCsv,
  inpaintingScoresLatex,
  inpaintingScoresMarkdown,
  inpaintingScoreTable,
} from '../../../renderer/models/inpainting/inpaintingScores.ts';
import { comparisonCells } from '../../../shared/comparison/comparisonTables.ts';
import {
  inpaintingRequestSchema,
  posteriorMean,
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingResult,
} from '../../../shared/inpainting.ts';

/** The result of an inpainting of 40 × 30 pixels, a fifth of them known. */
const finishedResult: InpaintingResult = {
  width: 40,
  height: 30,
  observed: 240,
  nfe: 19,
  seconds: 2.34,
  peakBytes: 7.4e8,
  tiles: 4,
  largestDeviation: null,
  times: [0, 0.5, 1],
  scores: [
    { method: 'result', psnr: 24.5, psnrUnobserved: 23.4, ssim: 0.81, seconds: 2 },
    { method: 'thin plate', psnr: 22.1, psnrUnobserved: 21.3, ssim: 0.84, seconds: 0.1 },
  ],
};

function exampleEntry(
  request: Partial<InpaintingRequest> = {},
  changes: Partial<InpaintingEntry> = {},
): InpaintingEntry {
  return {
    id: 'abcdefgh',
    createdAt: '2026-11-20T09:00:00.000Z',
    status: 'finished',
    error: null,
    image: { id: '0123456789abcdef', name: 'harbour.png', width: 40, height: 30 },
    request: inpaintingRequestSchema.parse({
      pictureId: '0123456789abcdef',
      runId: 'runaaaaa',
      mask: { kind: 'drawn' },
      ...request,
    }),
    runName: 'first try',
    checkpointStep: 1500,
    checkpointSha256: 'c0ffee',
    phase: null,
    fraction: null,
    secondsLeft: null,
    filled: 0,
    times: [0, 0.5, 1],
    result: finishedResult,
    ...changes,
  };
}

function exampleResult(changes: Partial<InpaintingResult> = {}): InpaintingResult {
  return { ...finishedResult, ...changes };
}

describe('the result of a classical method', () => {
  const [result, plate] = finishedResult.scores;
  const telea = { ...plate, method: 'Telea', psnrUnobserved: 20.3 };
  const entry = exampleEntry(
    { runId: undefined, method: 'biharmonic' },
    {
      runName: 'Biharmonic',
      checkpointStep: null,
      checkpointSha256: null,
      result: { ...finishedResult, nfe: 0, tiles: 1, times: [], scores: [result, plate, telea] },
    },
  );

  it('is named after the method, next to the other two', () => {
    const versions = listImageVersions(entry, { state: null, compared: null });
    const titles = (shown: typeof versions) => shown.map(({ value, title }) => [value, title]);
    expect(titles(versions).slice(2)).toEqual([
      ['result', 'Biharmonic'],
      ['error', 'Error of the result'],
      ['thin-plate', 'Thin plate'],
      ['telea', 'Telea (fast marching)'],
    ]);
    expect(overviewVersions(versions, false, entry.request.method)).toEqual(versions);
    expect(inpaintingScoreTable(entry).rows.map(({ method }) => method)).toEqual([
      'biharmonic (result)',
      'thin plate',
      'Telea',
    ]);
    expect(describeClassical(entry)).toBe('thin plate 21.30 dB: 2.10 dB lower');
  });

  it('has no facts of a network', () => {
    expect(describeSolver(entry.request)).toBe('classical method');
    expect(listFacts(entry).map(({ name }) => name)).toEqual([
      'Mask',
      'Image',
      'Result',
      'Known',
      'Time',
      'Memory',
      'Created',
    ]);
    expect(inpaintingScoresMarkdown(entry)).toContain('pixels known; Biharmonic. Known pixels pasted.');
    expect(describeEntries([entry])).toMatchObject({ runs: [], inpaintings: [{ id: 'abcdefgh' }] });
  });
});

describe('the description of an inpainting', () => {
  it('names the solver, the steps and the number of averaged samples', () => {
    expect(describeSolver(exampleEntry().request)).toBe('Heun, 10 steps');
    expect(describeSolver(exampleEntry({ ...posteriorMean }).request)).toBe('posterior mean');
    expect(describeSolver(exampleEntry({ ...posteriorMean, symmetries: 8 }).request)).toBe(
      'posterior mean, mirrored and turned',
    );
    expect(describeSolver(exampleEntry({ solver: 'euler', steps: 1, samples: 4 }).request)).toBe(
      'Euler, 1 step, mean of 4 samples',
    );
  });

  it('formats the fraction of known pixels without trailing zeros', () => {
    const drawn = (keepRatio: number) =>
      describeMask(exampleEntry({ mask: { kind: 'drawn', pattern: 'grid', keepRatio, seed: 3 } }).request);
    expect(drawn(0.2)).toBe('grid, 20 % known, seed 3');
    expect(drawn(1)).toBe('grid, 100 % known, seed 3');
    expect(drawn(0.125)).toBe('grid, 12.5 % known, seed 3');
    const loaded = { kind: 'painted', maskId: '0123456789abcdef' } as const;
    expect(describeMask(exampleEntry({ mask: loaded }).request)).toBe('painted');
    const named = { ...loaded, file: 'holes.png' };
    expect(describeMask(exampleEntry({ mask: named }).request)).toBe('from holes.png');
  });

  it('has a PSNR, of the hidden pixels, only if the truth is known, and “exact” for an exact result', () => {
    expect(resultPsnr(exampleEntry())).toBe('23.40 dB');
    expect(resultPsnr(exampleEntry({ truthIsKnown: false }))).toBeNull();
    expect(resultPsnr(exampleEntry({ scale: 2 }))).toBeNull();
    expect(resultPsnr(exampleEntry({}, { result: null }))).toBeNull();
    const [score] = exampleResult().scores;
    const exact = exampleResult({ scores: [{ ...score, psnrUnobserved: Infinity }] });
    expect(resultPsnr(exampleEntry({}, { result: exact }))).toBe('exact');
    const whole = exampleResult({ scores: [{ ...score, psnrUnobserved: null }] });
    expect(resultPsnr(exampleEntry({}, { result: whole }))).toBe('24.50 dB');
  });

  it('is set next to the best classical method, on the hidden pixels', () => {
    const scores = (own: number, ...classical: number[]) =>
      exampleEntry(
        {},
        {
          result: exampleResult({
            scores: [own, ...classical].map((psnrUnobserved, index) => ({
              method: ['result', 'thin plate', 'biharmonic', 'sample 1'][index],
              // Many known pixels hide what the hidden ones say.
              psnr: 40 - psnrUnobserved,
              psnrUnobserved,
              ssim: 0.5,
              seconds: 1,
            })),
          }),
        },
      );
    expect(describeClassical(scores(18.9, 17, 18, 25))).toBe('biharmonic 18.00 dB: 0.90 dB lower');
    expect(describeClassical(scores(17.9, 18, 17))).toBe('thin plate 18.00 dB: 0.10 dB higher');
    expect(describeClassical(scores(18.02, 18, 17))).toBe('thin plate 18.00 dB: practically equal');
    expect(describeClassical(scores(18, Infinity, 17))).toBe('thin plate exact');
    expect(describeClassical(scores(18))).toBeNull();
    expect(describeClassical(exampleEntry({ truthIsKnown: false }))).toBeNull();
  });

  it('leaves out facts that are unknown before the result', () => {
    const facts = (entry = exampleEntry()) => listFacts(entry).map(({ name }) => name);
    expect(facts()).toEqual(expect.arrayContaining(['Known', 'NFE per sample', 'Memory', 'Tiles']));
    expect(facts(exampleEntry({}, { result: null }))).not.toContain('Known');
    expect(listFacts(exampleEntry()).find(({ name }) => name === 'Known')?.text).toBe('240 of 1200, 20 %');
  });

  it('formats times below ten seconds with one decimal', () => {
    expect([0.04, 2.34, 9.9, 75].map(formatSeconds)).toEqual(['0.0 s', '2.3 s', '9.9 s', '1 min 15 s']);
  });
});

const alone = { state: null, compared: null };
const names = (entry: InpaintingEntry, options: Parameters<typeof listImageVersions>[1] = alone) =>
  listImageVersions(entry, options).map(({ value }) => value);
const running = { status: 'running', result: null, times: [0, 0.25] } as const;

describe('the versions of an image', () => {
  it('are the given image and the chosen state while it is computed', () => {
    const versions = listImageVersions(exampleEntry({}, running), { state: 1, compared: null });
    expect(versions.map(({ path }) => path)).toEqual([
      'pictures/0123456789abcdef.png',
      'inpaintings/abcdefgh/time-1.png',
    ]);
    expect(versions[1].title).toContain('t = 0.25');
  });

  it('are joined by the result before it is compared with anything, and by a better one at an address of its own', () => {
    const filled = exampleEntry({ ...posteriorMean }, { ...running, filled: 1 });
    const versions = listImageVersions(filled, alone);
    expect(versions.map(({ value, title, path }) => [value, title, path])).toEqual([
      ['truth', 'Given image', 'pictures/0123456789abcdef.png'],
      ['result', 'Posterior mean', 'inpaintings/abcdefgh/result.png?1'],
    ]);
    const better = listImageVersions({ ...filled, filled: 2 }, alone);
    expect(better[1].path).toBe('inpaintings/abcdefgh/result.png?2');
  });

  it('do not include the given image if the result will have another size', () => {
    expect(names(exampleEntry({ scale: 2 }, running))).toEqual([]);
    expect(names(exampleEntry({ fit: 'fit' }, running))).toEqual([]);
  });

  it('include the error only if the truth is known', () => {
    expect(names(exampleEntry())).toContain('error');
    const repaired = listImageVersions(exampleEntry({ truthIsKnown: false }), alone);
    expect(repaired.map(({ value }) => value)).not.toContain('error');
    expect(repaired[0]).toMatchObject({ value: 'truth', title: 'Given image' });
    expect(names(exampleEntry({ scale: 4 }))).not.toContain('error');
  });

  it.each([
    ['telea', 'Telea'],
    ['tension-spline', 'tension spline'],
  ])('include that of a method which older versions lack only if it was computed: %s', (name, method) => {
    const score = { method, psnr: 21, psnrUnobserved: 20, ssim: 0.8, seconds: 0.1 };
    const scores = [...finishedResult.scores, score];
    expect(names(exampleEntry())).not.toContain(name);
    expect(names(exampleEntry({}, { result: { ...finishedResult, scores } }))).toContain(name);
  });

  it('include samples and their deviation only if there are several', () => {
    expect(names(exampleEntry())).toEqual(['truth', 'known', 'result', 'error', 'thin-plate', 'biharmonic']);
    const several = exampleEntry({ samples: 3 }, { result: exampleResult({ largestDeviation: 0.2 }) });
    expect(names(several)).toEqual(expect.arrayContaining(['deviation', 'sample-1', 'sample-2', 'sample-3']));
    const overview = ['truth', 'known', 'result', 'error', 'deviation'];
    const valuesOf = (hasState: boolean) =>
      overviewVersions(listImageVersions(several, { ...alone, state: 0 }), hasState).map(
        ({ value }) => value,
      );
    expect(valuesOf(false)).toEqual(overview);
    expect(valuesOf(true)).toEqual([...overview, 'state']);
  });

  it('include another result for comparison only if it has the same size', () => {
    const compared = exampleEntry({ seed: 7 }, { id: 'bbbbbbbb' });
    expect(names(exampleEntry(), { state: null, compared })).toContain('other');
    const larger = { ...compared, result: exampleResult({ width: 80, height: 60 }) };
    expect(names(exampleEntry(), { state: null, compared: larger })).not.toContain('other');
  });
});

describe('the size of all versions', () => {
  it('is that of the result, that of the scaled image before there is a result, and unknown for a shrunk image', () => {
    expect(sizeOf(exampleEntry())).toEqual({ width: 40, height: 30 });
    expect(sizeOf(exampleEntry({ scale: 2 }, running))).toEqual({ width: 80, height: 60 });
    expect(sizeOf(exampleEntry({ fit: 'fit' }, running))).toBeNull();
  });
});

describe('the scores of an inpainting', () => {
  it('mark the best value of each metric but no time', () => {
    const cells = comparisonCells(inpaintingScoreTable(exampleEntry()));
    expect(cells.map((row) => row.map(({ text, isBest }) => (isBest ? `${text}!` : text)))).toEqual([
      ['23.40!', '24.50!', '0.8100', '2.00'],
      ['21.30', '22.10', '0.8400!', '0.10'],
    ]);
  });

  it('mark a PSNR that is practically equal to the best, too', () => {
    const scores = [23.4, 23.36, 23.34].map((psnrUnobserved, index) => ({
      method: `sample ${index}`,
      psnr: 20,
      psnrUnobserved,
      ssim: null,
      seconds: 1,
    }));
    const table = inpaintingScoreTable(exampleEntry({}, { result: exampleResult({ scores }) }));
    expect(comparisonCells(table).map(([hidden]) => hidden.isBest)).toEqual([true, true, false]);
  });

  it('are infinite for an exact image, and have no SSIM if the image is smaller than its window', () => {
    const scores = [{ method: 'result', psnr: Infinity, psnrUnobserved: Infinity, ssim: null, seconds: 1 }];
    const cells = comparisonCells(
      inpaintingScoreTable(exampleEntry({}, { result: exampleResult({ scores }) })),
    );
    expect(cells[0].map(({ text }) => text)).toEqual(['exact', 'exact', '–', '1.00']);
  });

  it('contain no metrics if the truth is unknown', () => {
    for (const entry of [exampleEntry({ truthIsKnown: false }), exampleEntry({ scale: 2 })]) {
      expect(inpaintingScoreTable(entry).columns.map(({ heading }) => heading.join(' '))).toEqual([
        'seconds, any load',
      ]);
    }
  });

  it('are copied with image, mask, run and sampling settings', () => {
    const entry = exampleEntry();
    const protocol =
      'harbour.png, 40×30; 240 of 1200 pixels known; run first try, step 1500, Heun 10, seed 0.';
    expect(inpaintingScoresMarkdown(entry)).toContain('| result | **23.40** | **24.50** | 0.8100 | 2.00 |');
    expect(inpaintingScoresMarkdown(entry)).toContain(protocol);
    expect(inpaintingScoresCsv(entry).split('\r\n')[1]).toBe(
      `result,23.4,24.5,0.81,2,"${protocol} Known pixels pasted."`,
    );
    expect(inpaintingScoresLatex(entry)).toContain(
      'result & \\textbf{23.40} & \\textbf{24.50} & 0.8100 & 2.00',
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  listImageVersions,
  overviewVersions,
  sizeOf,
} from '../../../renderer/models/inpainting/imageVersions.ts';
import type { InpaintingEntry } from '../../../shared/inpainting.ts';
import { exampleEntry, exampleResult } from './exampleEntry.ts';

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

  it('include samples and their deviation only if there are several', () => {
    expect(names(exampleEntry())).toEqual(['truth', 'known', 'result', 'error', 'thin-plate', 'biharmonic']);
    const several = exampleEntry({ samples: 3 }, { result: exampleResult({ largestDeviation: 0.2 }) });
    expect(names(several)).toEqual(expect.arrayContaining(['deviation', 'sample-1', 'sample-2', 'sample-3']));
    expect(overviewVersions(listImageVersions(several, alone)).map(({ value }) => value)).toEqual([
      'truth',
      'known',
      'result',
      'error',
      'deviation',
    ]);
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

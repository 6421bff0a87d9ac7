import { describe, expect, it } from 'vitest';
import { distinctName } from '../../../renderer/api/saveFile.ts';
import {
  comparableIds,
  describeMeans,
  groupHistory,
} from '../../../renderer/models/inpainting/historyGroups.ts';
import {
  inpaintingRequestSchema,
  type InpaintingEntry,
  type InpaintingRequest,
  type InpaintingResult,
  type InpaintingScore,
} from '../../../shared/inpainting.ts';
import { summariseBatch } from '../../../shared/inpaintingBatch.ts';

const pictureId = '0123456789abcdef';

function entryOf(
  id: string,
  request: Partial<InpaintingRequest> = {},
  score: Partial<InpaintingScore> & { readonly wall?: number } = {},
): InpaintingEntry {
  const row = { method: 'result', psnr: 30, psnrUnobserved: 20, ssim: 0.8, seconds: 1, ...score };
  const result = { seconds: score.wall ?? 4, scores: [row] } as unknown as InpaintingResult;
  return {
    id,
    image: { id: pictureId, name: 'boat.png', width: 4, height: 3 },
    request: inpaintingRequestSchema.parse({
      pictureId,
      runId: 'runaaaaa',
      mask: { kind: 'drawn' },
      ...request,
    }),
    result,
  } as unknown as InpaintingEntry;
}

describe('the names of files in an archive', () => {
  it('have a number before the extension where they would be equal', () => {
    const taken = new Set(['a.png', 'a-2.png', 'b']);
    const names = ['a.png', 'b', 'c.png'].map((name) => distinctName(name, taken));
    expect(names).toEqual(['a-3.png', 'b-2', 'c.png']);
  });
});

describe('the results of a batch', () => {
  it('have the means of the hidden pixels, of SSIM and of the time; exact ones are counted', () => {
    const entries = [
      entryOf('a', {}, { psnrUnobserved: 20, ssim: 0.7, wall: 2 }),
      entryOf('b', {}, { psnrUnobserved: 24, ssim: 0.9, wall: 4 }),
      entryOf('c', {}, { psnrUnobserved: Infinity, ssim: null, wall: 6 }),
    ];
    const batch = summariseBatch('bbbbbbbb', [...entries, { ...entryOf('d'), result: null }]);
    expect(batch).toMatchObject({ entryIds: ['a', 'b', 'c', 'd'], finished: 3, scored: 3 });
    expect(batch.psnr).toEqual({ mean: 22, exact: 1 });
    expect(batch.ssim).toBeCloseTo(0.8, 12);
    expect(describeMeans(batch)).toEqual([
      { text: '3 of 4 finished' },
      { text: 'hidden 22.00 dB (1 exact)', term: 'PSNR hidden' },
      { text: 'SSIM 0.800', term: 'SSIM' },
      { text: '4.0 s per image' },
    ]);
  });

  it('name the classical method with the smallest error on the same hidden pixels, exact ones included', () => {
    const withClassical = (id: string, values: Readonly<Record<string, number>>) => {
      const entry = entryOf(id, {}, { psnrUnobserved: 24 });
      const [own] = entry.result?.scores ?? [];
      const others = Object.entries(values).map(([method, psnrUnobserved]) => ({
        ...own,
        method,
        psnrUnobserved,
      }));
      return { ...entry, result: entry.result && { ...entry.result, scores: [own, ...others] } };
    };
    const first = withClassical('a', { 'thin plate': 20, biharmonic: 30, Telea: 40, 'sample 1': 50 });
    const second = withClassical('b', { 'thin plate': 21, biharmonic: 16, 'sample 1': 50 });
    const batch = summariseBatch('bbbbbbbb', [first, second]);
    // By their mean of decibels, biharmonic would be ahead; Telea has not filled in the second.
    expect(batch.bestClassical).toEqual({ method: 'thin plate', psnr: { mean: 20.5, exact: 0 } });
    expect(describeMeans(batch)).toContainEqual({ text: 'thin plate 20.50 dB: 3.50 dB lower' });
    expect(summariseBatch('bbbbbbbb', [entryOf('a'), entryOf('b')]).bestClassical).toBeNull();
  });

  it('have no scores where the original is not known, or lies between the pixels of an enlarged image', () => {
    const damaged = entryOf('a', { truthIsKnown: false }, { psnr: null, psnrUnobserved: null, ssim: null });
    const enlarged = entryOf('b', { scale: 2 }, { psnr: null, psnrUnobserved: null, ssim: null });
    const batch = summariseBatch('bbbbbbbb', [damaged, enlarged]);
    expect(batch).toMatchObject({ scored: 0, psnr: { mean: null }, ssim: null });
    expect(describeMeans(batch)).toEqual([{ text: 'originals unknown' }, { text: '4.0 s per image' }]);
    expect(describeMeans(summariseBatch('bbbbbbbb', [entryOf('c'), damaged]))[0].text).toBe(
      'hidden 20.00 dB of 1 image',
    );
  });
});

describe('the history', () => {
  it('keeps its order, with batches of several images as groups', () => {
    const batchId = 'bbbbbbbb';
    const entries = [
      entryOf('a'),
      entryOf('b', { batchId }),
      entryOf('c', { batchId }),
      entryOf('d', { batchId: 'cccccccc' }),
      entryOf('e'),
    ];
    const batches = [
      summariseBatch(batchId, entries.slice(1, 3)),
      // The others of this batch were deleted.
      summariseBatch('cccccccc', entries.slice(3, 4)),
    ];
    const groups = groupHistory(entries, batches);
    expect(groups.map(({ batch, entries: own }) => [batch?.id, own.map(({ id }) => id)])).toEqual([
      [undefined, ['a']],
      [batchId, ['b', 'c']],
      [undefined, ['d', 'e']],
    ]);
    expect(groupHistory([], [])).toEqual([]);
  });

  it('has two results to compare if both are of one image', () => {
    const [a, b] = [entryOf('a'), entryOf('b')];
    const other = { ...b, image: { ...b.image, id: 'fedcba9876543210' } };
    expect(comparableIds([a, b])).toEqual({ id: 'a', with: 'b' });
    for (const entries of [[a], [a, b, a], [a, other], [a, { ...b, result: null }]])
      expect(comparableIds(entries)).toBeNull();
  });
});

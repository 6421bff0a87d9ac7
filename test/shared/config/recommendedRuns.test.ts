import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  isAtScale,
  isRecommendable,
  rankRuns,
} from '../../../shared/config/recommendedRuns.ts';

const candidate: Candidate = {
  isTrained: true,
  isAtScale: true,
  hasLearnt: true,
  bestPsnr: 20,
  scores: { key: 'photographs' },
};

function rank(candidates: Readonly<Record<string, Partial<Candidate>>>): string[] {
  return rankRuns(Object.keys(candidates), (name) => ({ ...candidate, ...candidates[name] }));
}

describe('the recommended run', () => {
  it('was trained with such masks, before all others, then at the scale of the image', () => {
    const order = rank({
      other: { isTrained: false, bestPsnr: 40 },
      thumbnails: { isAtScale: false, bestPsnr: 30 },
      fitting: {},
    });
    expect(order).toEqual(['fitting', 'thumbnails', 'other']);
  });

  it('has the best score among runs that were scored on the same data', () => {
    const exact = { bestPsnr: Infinity };
    expect(rank({ worse: {}, unknown: { bestPsnr: null }, better: { bestPsnr: 21 }, exact })).toEqual([
      'exact',
      'better',
      'worse',
      'unknown',
    ]);
  });

  it('does not depend on scores that do not compare: such runs keep their order', () => {
    const scores = { key: 'synthetic' };
    const unscored = { scores: { key: 'cartoons' }, bestPsnr: null };
    expect(rank({ unscored, newest: {}, smooth: { scores, bestPsnr: 50 }, older: { bestPsnr: 22 } })).toEqual(
      ['older', 'newest', 'smooth', 'unscored'],
    );
  });

  it('is none that learnt nothing', () => {
    expect(rank({ dead: { hasLearnt: false, bestPsnr: 30 }, alive: {} })).toEqual(['alive', 'dead']);
    expect(isRecommendable({ ...candidate, hasLearnt: false })).toBe(false);
    expect(isRecommendable({ ...candidate, isTrained: false })).toBe(false);
    expect(isRecommendable(candidate)).toBe(true);
  });
});

describe('the scale of a training', () => {
  const photograph = { width: 384, height: 240, isFitted: false };

  it('by crops is that of images at least as large', () => {
    const crops = { imageSize: 64, isCropped: true };
    expect(isAtScale(crops, photograph)).toBe(true);
    expect(isAtScale(crops, { ...photograph, height: 63 })).toBe(false);
    expect(isAtScale(crops, { ...photograph, isFitted: true })).toBe(false);
  });

  it('by whole images is that of images of about that side, and of images shrunk to it', () => {
    const thumbnails = { imageSize: 32, isCropped: false };
    expect(isAtScale(thumbnails, photograph)).toBe(false);
    expect(isAtScale(thumbnails, { ...photograph, isFitted: true })).toBe(true);
    for (const side of [16, 32, 64])
      expect(isAtScale(thumbnails, { width: side, height: side, isFitted: false })).toBe(true);
    expect(isAtScale(thumbnails, { width: 15, height: 200, isFitted: false })).toBe(false);
  });
});

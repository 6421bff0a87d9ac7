import { describe, expect, it } from 'vitest';
import {
  bayerPhases,
  describeLaw,
  drawChannels,
  drawMask,
  evaluationLaw,
  imageLaws,
  nominalKeepRatio,
  usedOptions,
  usesKeepRatio,
} from '../../../shared/masks/laws.ts';
import { mixedLaws, parseMixture } from '../../../shared/masks/mixture.ts';

const size = { width: 6, height: 4 };
/** Red, green and blue of the mosaic as letters, row by row. */
const letters = (phase?: (typeof bayerPhases)[number]) =>
  Array.from(drawChannels({ law: 'bayer', phase }, size) ?? [], (channel) => 'RGB'[channel]).join('');

describe('a Bayer pattern', () => {
  it('shows exactly one channel of every pixel: half of them green, a quarter red, a quarter blue', () => {
    for (const phase of bayerPhases) {
      const shown = letters(phase);
      const count = (letter: string) => shown.split(letter).length - 1;
      expect([shown.length, count('R'), count('G'), count('B')]).toEqual([24, 6, 12, 6]);
    }
    expect(drawMask({ law: 'bayer', keepRatio: 0.2, seed: 1, ...size }).bits.every((bit) => bit === 1)).toBe(
      true,
    );
  });

  it('repeats its upper left 2 × 2 pixels, which its phase names row by row', () => {
    expect(letters()).toBe('RGRGRGGBGBGBRGRGRGGBGBGB');
    for (const phase of bayerPhases) {
      const shown = letters(phase);
      expect(shown.slice(0, 2) + shown.slice(6, 8)).toBe(phase);
      for (let pixel = 0; pixel < 12; pixel++) {
        expect(shown[pixel + 12]).toBe(shown[pixel]);
        if (pixel % 6 < 4) expect(shown[pixel + 2]).toBe(shown[pixel]);
      }
    }
  });

  it('has a third of the values observed, whatever fraction is set', () => {
    expect(usesKeepRatio({ law: 'bayer' })).toBe(false);
    expect(nominalKeepRatio({ law: 'bayer', keepRatio: 0.7 })).toBeCloseTo(1 / 3, 5);
  });

  it('is described and stored with its phase unless it is RGGB', () => {
    expect(describeLaw({ law: 'bayer' })).toBe('bayer');
    expect(describeLaw({ law: 'bayer', phase: 'GBRG' })).toBe('bayer (GBRG)');
    expect(usedOptions({ law: 'bayer', phase: 'RGGB', markSize: 0.1, blocks: 3 })).toEqual({});
    expect(usedOptions({ law: 'uniform', phase: 'GBRG' })).toEqual({});
    expect(evaluationLaw({ law: 'bayer', phase: 'BGGR' })).toEqual({ law: 'bayer', phase: 'BGGR' });
  });

  it('is the only law that observes single channels, and belongs to no mixture and no image of the user', () => {
    expect(drawChannels({ law: 'uniform' }, size)).toBeUndefined();
    expect(drawChannels({ law: 'mixture' }, size)).toBeUndefined();
    expect(mixedLaws).not.toContain('bayer');
    expect(imageLaws).not.toContain('bayer');
    expect(() => parseMixture('uniform, bayer 2')).toThrow(
      'the law bayer observes single channels, and no mixture can have it',
    );
  });
});

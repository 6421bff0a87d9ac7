import { describe, expect, it } from 'vitest';
import { parseMixture } from '../../../shared/masks/mixture.ts';
import {
  bayerPhases,
  countKnownPixels,
  describeLaw,
  drawMask,
  evaluationLaw,
  imageLaws,
  maskLawNames,
  mixtureSchema,
  nominalKeepRatio,
  observesChannels,
  usedOptions,
  usesKeepRatio,
} from '../../../shared/masks/laws.ts';
import { bayerChannels } from '../../../shared/masks/bayer.ts';
import { observedPixels } from '../../../shared/images/image.ts';

const size = { width: 6, height: 4 };
/** Red, green and blue of the mosaic as letters, row by row. */
const letters = (phase?: (typeof bayerPhases)[number]) =>
  Array.from(bayerChannels(phase ?? 'RGGB', size), (channel) => 'RGB'[channel]).join('');

describe('a Bayer pattern', () => {
  it('shows exactly one channel of every pixel: half of them green, a quarter red, a quarter blue', () => {
    for (const phase of bayerPhases) {
      const shown = letters(phase);
      const count = (letter: string) => shown.split(letter).length - 1;
      expect([shown.length, count('R'), count('G'), count('B')]).toEqual([24, 6, 12, 6]);
    }
    for (const phase of bayerPhases) {
      const mask = drawMask({ law: 'bayer', phase, keepRatio: 0.2, seed: 1, ...size });
      expect([mask.channels, mask.bits.length]).toEqual([3, 72]);
      expect(observedPixels(mask).channels).toEqual(bayerChannels(phase, size));
    }
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
    expect(describeLaw({ law: 'bayer' })).toBe('Bayer pattern');
    expect(describeLaw({ law: 'bayer', phase: 'GBRG' })).toBe('Bayer pattern (GBRG)');
    expect(usedOptions({ law: 'bayer', phase: 'RGGB', markSize: 0.1, blocks: 3 })).toEqual({});
    expect(usedOptions({ law: 'uniform', phase: 'GBRG' })).toEqual({});
    expect(evaluationLaw({ law: 'bayer', phase: 'BGGR' })).toEqual({ law: 'bayer', phase: 'BGGR' });
  });

  it('is the only law that observes single channels, by itself or in a mixture', () => {
    const laws = maskLawNames.filter((law) => observesChannels({ law, mixture: 'uniform, text' }));
    expect(laws).toEqual(['bayer']);
    expect(observesChannels({ law: 'mixture', mixture: 'uniform, bayer 2' })).toBe(true);
    expect(imageLaws).toContain('bayer');
  });

  it('in a mixture has a phase, its share of the masks, and a third of the values known', () => {
    const mixture = 'bayer 3 phase=GBRG, strokes keep=0.8';
    const settings = { law: 'mixture', mixture, keepRatio: 0.5, seed: 7, width: 16, height: 16 } as const;
    const masks = Array.from({ length: 200 }, (_, index) => drawMask({ ...settings, index }));
    const mosaics = masks.filter(({ channels }) => channels === 3);
    expect(Math.abs(mosaics.length - 150)).toBeLessThan(4);
    for (const { bits } of mosaics)
      expect(bits).toEqual(drawMask({ ...settings, law: 'bayer', phase: 'GBRG' }).bits);
    expect(usesKeepRatio(settings)).toBe(false);
    expect(nominalKeepRatio(settings)).toBeCloseTo((3 * (1 / 3) + 0.8) / 4, 5);
    expect(countKnownPixels(settings, settings)).toMatchObject({ smallest: 0, largest: 204, varies: true });
    expect(mixtureSchema.parse(' bayer  phase=RGGB,text')).toBe('bayer phase=RGGB, text');
    expect(() => parseMixture('bayer keep=0.2')).toThrow(
      'bayer has no option "keep=0.2". Expected phase=RGGB, phase=GRBG, phase=GBRG, phase=BGGR, or nothing for RGGB.',
    );
  });
});

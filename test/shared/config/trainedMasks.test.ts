import { describe, expect, it } from 'vitest';
import { adviseOnMask } from '../../../shared/config/trainedMasks.ts';
import { type RunConfigInput, runConfigSchema } from '../../../shared/config/config.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import { enlargeHoles, measureHoles } from '../../../shared/masks/holes.ts';
import { drawMask, type MaskSettings } from '../../../shared/masks/laws.ts';

const configOf = (name: string) => {
  const config = resolvePreset(findPreset(name) ?? presets[0]);
  return { ...config, data: { ...config.data, source: 'folder:photographs' } };
};
const laptop = configOf('laptop');
const mend = configOf('mend');

const draw = (settings: MaskSettings, seed = 3) =>
  measureHoles(drawMask({ ...settings, seed, width: 384, height: 240 }));

const strokes = draw({ law: 'strokes', keepRatio: 0.8, markSize: 0.08 });
const random = draw({ law: 'uniform', keepRatio: 0.2 });

describe('a run that is to fill a mask', () => {
  it('is not warned of masks of its own law, at other seeds and in larger images', () => {
    expect(adviseOnMask(laptop, random)).toBeNull();
    for (const law of ['strokes', 'text', 'uniform'] as const)
      for (const seed of [1, 2])
        expect(
          adviseOnMask(mend, draw({ law, keepRatio: law === 'uniform' ? 0.2 : 0.8, markSize: null }, seed)),
          law,
        ).toBeNull();
    expect(
      adviseOnMask(configOf('upscale'), enlargeHoles({ channels: 1, known: 1, depth: 0, isolated: 0 }, 4)),
    ).toBeNull();
  });

  it('trained on random pixels is warned of strokes, in numbers', () => {
    expect(adviseOnMask(laptop, strokes)).toMatch(
      /^Trained on random pixels of 32 × 32 images, where unknown pixels are up to [345] pixels from a known one; holes this large \(\d+ pixels\) will look blurred\.$/,
    );
  });

  it('trained on crops with small holes is warned of holes larger than any of them', () => {
    const block = draw({ law: 'block', keepRatio: 0.6 });
    expect(adviseOnMask(mend, block)).toMatch(
      /^Trained on brush strokes, text, blocks and random pixels of 64 × 64 crops.* will look blurred/,
    );
  });

  it('trained on holes only is warned of scattered pixels', () => {
    const mask = { law: 'block', keepRatio: 0.75 } as const;
    const holes = runConfigSchema.parse({ mask } satisfies RunConfigInput);
    expect(adviseOnMask(holes, random)).toContain('never on scattered pixels');
    expect(adviseOnMask(holes, draw({ ...mask, keepRatio: 0.99 }))).toBeNull();
  });

  it('is warned of far fewer known pixels than it was trained with', () => {
    const many = { law: 'uniform', keepRatio: 0.5 } as const;
    const trained = runConfigSchema.parse({ data: { imageSize: 64 }, mask: many });
    expect(adviseOnMask(trained, draw({ ...many, keepRatio: 0.45 }))).toBeNull();
    expect(adviseOnMask(trained, draw({ ...many, keepRatio: 0.25 }))).toMatch(
      /at least 50 % of them known; with 25 %|holes this large/,
    );
  });

  it('trained on a Bayer pattern is warned of unknown pixels', () => {
    const mask = { law: 'bayer' } as const;
    const trained = runConfigSchema.parse({ mask, field: { kind: 'unet', channelMask: true } });
    expect(adviseOnMask(trained, random)).toBe(
      'Trained on one channel of each pixel of 32 × 32 images, where something is known of every pixel; a run trained on masks of whole pixels gives a better result.',
    );
  });

  it('that has never seen single channels is warned of a Bayer pattern, and one that has is not, also in a mixture', () => {
    const bayer = draw({ law: 'bayer', keepRatio: 1 });
    expect(adviseOnMask(laptop, bayer)).toBe(
      'Trained on random pixels of 32 × 32 images, never on pixels of which single channels are known; a run trained on Bayer patterns gives a better result.',
    );
    const trainOn = (mask: RunConfigInput['mask']) =>
      runConfigSchema.parse({ mask, field: { kind: 'unet', channelMask: true } });
    expect(adviseOnMask(trainOn({ law: 'bayer', phase: 'GBRG' }), bayer)).toBeNull();
    const mixed = trainOn({ law: 'mixture', mixture: 'bayer, strokes keep=0.8' });
    expect(adviseOnMask(mixed, bayer)).toBeNull();
    expect(adviseOnMask(mixed, random)).toMatch(
      /^Trained on Bayer pattern and brush strokes of 32 × 32 images, never on scattered pixels/,
    );
  });

  it('is warned of nothing where nothing is unknown', () => {
    expect(adviseOnMask(laptop, { channels: 1, known: 1, depth: 0, isolated: 0 })).toBeNull();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import {
  type Preset,
  presets,
  resolvePreset,
  tiny,
  withOtherNetworks,
} from '../../../shared/config/presets.ts';
import {
  createSavedPreset,
  findTitleProblem,
  formatPresetFile,
  nameOfTitle,
  parsePresetFile,
  presetNameSchema,
} from '../../../shared/config/savedPresets.ts';

const texts = { title: 'My photographs', description: 'Crops of 64 pixels.' };

describe('a saved preset', () => {
  it('has a name that follows from its title and that the command line can be given', () => {
    expect(nameOfTitle('Café, 64 pixels')).toBe('cafe-64-pixels');
    expect(nameOfTitle('  Über-Netz  ')).toBe('uber-netz');
    expect(nameOfTitle('写真')).not.toBe(nameOfTitle('絵画'));
    const title = fc
      .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(title, (text) => {
        const name = nameOfTitle(text);
        expect(presetNameSchema.safeParse(name).success).toBe(true);
        expect(nameOfTitle(name)).toBe(name);
      }),
    );
  });

  it('cannot have the name of another one, of the program’s, or of a command', () => {
    const taken = [{ name: 'my-photographs' }];
    expect(findTitleProblem('My photographs 2', taken)).toBeNull();
    expect(findTitleProblem('my PHOTOGRAPHS', taken)).toContain('already a preset');
    expect(findTitleProblem('Few steps', [])).toContain('a preset of the program');
    expect(findTitleProblem('Save', [])).toContain('a command of the program');
    expect(findTitleProblem('  ', [])).toContain('1 to 60 characters');
  });

  it('is read from its file as it was written', () => {
    for (const preset of presets) {
      const saved = createSavedPreset(texts, resolvePreset(preset));
      expect(parsePresetFile(formatPresetFile(saved))).toEqual(saved);
    }
  });

  it('holds no dataset, no measurement and no history of budgets of the run it was saved from', () => {
    const config = resolvePreset(tiny);
    const trained = runConfigSchema.parse({
      ...config,
      data: { ...config.data, source: 'folder:/home/someone/private' },
      path: { ...config.path, measured: { residual: 0.1, images: 256 } },
      optim: {
        ...config.optim,
        extensions: [{ schedule: 'keep', fromStep: 5, fromSeconds: 1, totalSteps: 5, minutes: null }],
      },
    });
    const saved = createSavedPreset(texts, trained);
    expect(saved.config).toEqual({ ...config, preset: 'my-photographs' });
    expect(formatPresetFile(saved)).not.toContain('private');
  });

  it('begins with the values of the program’s preset of another network when that network is chosen', () => {
    const choose = (kind: string, saved: RunConfig) => {
      const input = withOtherNetworks(saved);
      return runConfigSchema.parse({ ...input, field: { ...input.field, kind } }).field;
    };
    const own = (preset: Preset) => createSavedPreset(texts, resolvePreset(preset)).config;
    const [laptop] = presets;
    expect(choose('perceiver', own(laptop))).toMatchObject({ latents: 32, readBlocks: 2, patch: 7, dim: 32 });
    expect(choose('unet', own(tiny))).toMatchObject({ levels: 3, stepConditioning: false, dim: 64 });
  });

  it('gets the defaults of parameters that an earlier version did not have', () => {
    const written = JSON.parse(formatPresetFile(createSavedPreset(texts, resolvePreset(tiny)))) as {
      config: { train: Record<string, unknown> };
    };
    delete written.config.train.timesPerRun;
    expect(parsePresetFile(JSON.stringify(written)).config.train.timesPerRun).toBeNull();
  });

  it.each([
    ['{', /not valid JSON/],
    ['[]', /no preset of this program: found an empty list, expected named values in braces\. Choose a file/],
    ['{"title": "x"}', /format: found nothing, expected “sparse-field-lab-preset”/],
    [
      '{"format": "sparse-field-lab-preset", "version": 2, "title": "x", "config": {}}',
      /version: found 2, expected 1/,
    ],
    [
      '{"format": "sparse-field-lab-preset", "version": 1, "title": "x", "config": {"train": {"batchSize": "many"}}}',
      /“x” cannot be used: train\.batchSize: found “many”, expected a number\. Correct the file/,
    ],
    [
      '{"format": "sparse-field-lab-preset", "version": 1, "title": "x", "config": {"optim": {"speed": 1}}}',
      /“x” cannot be used: optim: unknown name: speed.*newer version/,
    ],
  ])('is refused with the reason: %s', (text, message) => {
    expect(() => parsePresetFile(text)).toThrow(message);
  });
});

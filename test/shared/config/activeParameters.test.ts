import { describe, expect, it } from 'vitest';
import { explainInactive } from '../../../shared/config/activeParameters.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { listConfigParameters, startingValue } from '../../../shared/config/configParameters.ts';
import { fieldKinds, parametersOf } from '../../../shared/config/networks/registry.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import { solverNames } from '../../../shared/config/samplerConfig.ts';
import type { ParameterValue } from '../../../shared/config/describeSchema.ts';
import type { DataSourceKind } from '../../../shared/dataset.ts';

type Changes = Readonly<Record<string, ParameterValue>>;

/** Returns why a parameter has no effect in the form of a preset with some values changed. */
function explain(path: string, preset: string, { changes = {}, source = 'synthetic' }: Setting = {}) {
  const config = resolvePreset(findPreset(preset) ?? presets[0]);
  const valueAt = (each: string) => (each in changes ? changes[each] : startingValue(config, each));
  return explainInactive(path, { valueAt, source });
}

interface Setting {
  readonly changes?: Changes;
  readonly source?: DataSourceKind | null;
}

const inactiveOf = (preset: string, setting?: Setting) =>
  listConfigParameters()
    .map(({ path }) => path)
    .filter((path) => explain(path, preset, setting) !== null);

describe('a parameter without effect', () => {
  it('is known for the default preset on CIFAR-10', () => {
    expect(inactiveOf('laptop', { source: 'cifar10' }).filter((path) => !path.startsWith('field.'))).toEqual([
      'data.folderLayout',
      'data.crops',
      'data.cropScaleMin',
      'data.cropScaleMax',
      'mask.targetRatio',
      'mask.markSize',
      'mask.blocks',
      'mask.mixture',
      'mask.phase',
      'objective.snrLimit',
      'objective.snrFloor',
      'train.evaluateEverySteps',
      'train.previewEverySteps',
      'sampler.gridRho',
      'sampler.gridShift',
      'sampler.tolerance',
      'sampler.eta',
      'sampler.correctorSteps',
      'sampler.correctorRatio',
    ]);
  });

  it('belongs to another network, or is one of its own that needs another of them', () => {
    for (const kind of fieldKinds) {
      const own = new Set(['kind', ...parametersOf(kind)].map((name) => `field.${name}`));
      const inactive = inactiveOf('tiny', { changes: { 'field.kind': kind } });
      const active = listConfigParameters().filter(
        ({ path }) => path.startsWith('field.') && !inactive.includes(path),
      );
      expect(active.map(({ path }) => path)).toEqual(
        listConfigParameters()
          .map(({ path }) => path)
          .filter((path) => own.has(path)),
      );
    }
    expect(explain('field.latents', 'laptop')).toBe('only with the network Perceiver IO');
    expect(explain('field.patch', 'notebook')).toBe(
      'only if the network predicts the difference to the classical estimate',
    );
  });

  it('is pink noise for a network that predicts some pixels, unless it has to be mended', () => {
    expect(explain('path.noise', 'tiny')).toBe('only with a network that predicts all pixels');
    expect(explain('path.noise', 'laptop')).toBeNull();
    expect(explain('path.noise', 'tiny', { changes: { 'path.noise': 'pink' } })).toBeNull();
  });

  it('belongs to another solver', () => {
    const of = { dopri5: ['tolerance'], ddim: ['eta'], langevin: ['correctorSteps', 'correctorRatio'] };
    for (const solver of solverNames) {
      const inactive = inactiveOf('laptop', { changes: { 'sampler.solver': solver } });
      const active = Object.values(of)
        .flat()
        .filter((name) => !inactive.includes(`sampler.${name}`));
      expect(active).toEqual(of[solver as keyof typeof of] ?? []);
      expect(inactive.includes('sampler.steps')).toBe(solver === 'dopri5');
    }
  });

  it('is one of crops where images have one size, and a scale where there are no crops', () => {
    const scales = ['data.cropScaleMin', 'data.cropScaleMax'];
    for (const path of ['data.crops', ...scales]) {
      expect(explain(path, 'mend', { source: 'cifar10' })).toBe('only for a folder of images');
      expect(explain(path, 'mend', { source: 'folder' })).toBeNull();
      expect(explain(path, 'mend', { source: null })).toBeNull();
    }
    for (const path of scales) {
      expect(explain(path, 'laptop', { source: 'folder' })).toBe('only with random crops');
    }
  });

  it('is the known fraction where every law of a mixture has its own, but not where one has none, or it cannot be read', () => {
    const withMixture = (mixture: string) =>
      explain('mask.keepRatio', 'laptop', { changes: { 'mask.law': 'mixture', 'mask.mixture': mixture } });
    expect(explain('mask.keepRatio', 'mend')).toBe('only if a law of the mixture has no fraction of its own');
    expect(withMixture('text keep=0.8')).not.toBeNull();
    expect(withMixture('text keep=0.8, block')).toBeNull();
    expect(withMixture('no such law')).toBeNull();
    expect(explain('mask.keepRatio', 'laptop', { changes: { 'mask.law': 'bayer' } })).not.toBeNull();
  });

  it('is a range of fractions for a network that reads equally many pixels of every image', () => {
    expect(explain('mask.keepRatioMin', 'tiny')).toBe('only with the network U-Net or Local');
    expect(explain('mask.keepRatioMin', 'laptop')).toBeNull();
  });

  it('never changes whether a configuration is valid, so that what is hidden is not in the way', () => {
    for (const preset of presets) {
      const config = resolvePreset(preset);
      const inactive = new Set(inactiveOf(preset.name, { source: 'folder' }));
      for (const { path, initial } of listConfigParameters()) {
        const [section, key] = path.split('.');
        if (!inactive.has(path) || key === undefined) continue;
        const changed = { ...config, [section]: { ...config[section as 'data'], [key]: initial } };
        expect(runConfigSchema.safeParse(changed).success, `${preset.name}: ${path}`).toBe(true);
      }
    }
  });

  it('is an interval in steps of a run with a number of evaluations, unless it is 0, which still means never', () => {
    const interval = 'train.evaluateEverySteps';
    expect(explain(interval, 'laptop')).toBe('only without a number of evaluations per run');
    expect(explain(interval, 'laptop', { changes: { [interval]: 0 } })).toBeNull();
    expect(explain(interval, 'laptop', { changes: { 'train.timesPerRun': null } })).toBeNull();
    expect(explain('train.checkpointEverySteps', 'laptop')).toBeNull();
  });

  it('does not include one of two that need each other', () => {
    for (const path of ['field.stepConditioning', 'objective.shortcutShare']) {
      expect(explain(path, 'laptop')).toBeNull();
      expect(explain(path, 'denoiser')).toBe('only with the path linear');
    }
  });
});

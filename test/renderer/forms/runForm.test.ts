import { describe, expect, it } from 'vitest';
import {
  emptyForm,
  formKey,
  startingPointOfPreset,
  readForms,
  startingPointOfRun,
  startLabel,
} from '../../../renderer/models/forms/runForm.ts';
import {
  formatMilliseconds,
  keptBytes,
  describeSteps,
  describeStepTime,
  describeTrainingTime,
  summariseTime,
  warnOfDisk,
} from '../../../renderer/models/forms/estimateText.ts';
import { summariseConfig } from '../../../renderer/models/forms/configSummary.ts';
import { listFirstDatasets } from '../../../renderer/models/forms/datasetOrder.ts';
import { findPreset, presets, resolvePreset } from '../../../shared/config/presets.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { warnOfEnlarging } from '../../../shared/dataset.ts';
import { exampleLaneProgress, exampleRunDetail, exampleRunSummary } from '../../shared/exampleRun.ts';

const small = startingPointOfPreset('small');
const detail = exampleRunDetail(
  { id: 'abcdefgh', name: 'first try', config: small.config },
  { summary: exampleRunSummary({ tags: ['baseline'] }), datasetId: 'synthetic' },
);

describe('the form of a new run', () => {
  it('starts from the named preset, or from the first one if there is none of that name', () => {
    expect([small.key, small.config.preset]).toEqual(['preset:small', 'small']);
    expect(startingPointOfPreset('no such preset').key).toBe(`preset:${presets[0].name}`);
  });

  it('is shared by all presets, while every run and branch has its own', () => {
    const bases = [
      small,
      startingPointOfPreset('tiny'),
      startingPointOfRun(detail, null),
      startingPointOfRun(detail, 1200),
    ];
    expect(bases.map(formKey)).toEqual(['preset', 'preset', 'run:abcdefgh', 'run:abcdefgh@1200']);
  });

  it('copies tags and dataset of its run, and suggests a name for the copy or branch', () => {
    expect(emptyForm(startingPointOfRun(detail, null))).toMatchObject({
      name: 'first try, changed',
      tags: ['baseline'],
      datasetId: 'synthetic',
    });
    expect(emptyForm(startingPointOfRun(detail, 1200)).name).toBe('first try, from step 1200');
    expect(emptyForm(small)).toMatchObject({ name: '', tags: [], datasetId: null });
  });

  it('is restored from the stored text; invalid text restores nothing', () => {
    const forms = { preset: { ...emptyForm(small), inputs: { 'preset:small': { seed: '7', flips: true } } } };
    expect(readForms(JSON.stringify(forms))).toEqual(forms);
    for (const text of ['', '[]', 'null', '{"preset": 3}', '{"preset": {"name": "x"}}']) {
      expect(readForms(text)).toEqual({});
    }
    const damaged = { preset: { ...forms.preset, inputs: { 'preset:small': { seed: '7', train: 7 } } } };
    expect(readForms(JSON.stringify(damaged))).toEqual({});
  });
});

describe('the estimate of a run', () => {
  const estimate = {
    parameters: 68_400,
    stepMilliseconds: 12.3,
    stepRange: null,
    totalSteps: 1000,
    stepsRange: null,
    totalSeconds: 200,
    secondsRange: null,
    memoryBytes: 1e8,
    checkpointBytes: 1e6,
    explanation: 'An earlier run.',
  };

  it('is a short time in the list of presets, and none while it is unknown', () => {
    const summarise = (known: object) => summariseTime({ ...estimate, ...known });
    expect(summarise({ totalSeconds: 600 })).toBe('10 min');
    expect(summarise({ totalSeconds: 21_900, secondsRange: [7300, 21_900] })).toBe('2 to 6 h');
    expect(summarise({ totalSeconds: null })).toBeNull();
  });

  it('is a range where it is uncertain, and one number where that hardly matters', () => {
    const ranges = (stepRange: [number, number], seconds: [number, number], steps: [number, number]) => {
      const found = {
        ...estimate,
        stepRange,
        secondsRange: seconds,
        totalSeconds: seconds[1],
        stepsRange: steps,
        totalSteps: steps[1],
      };
      return [describeStepTime(found), describeTrainingTime(found), describeSteps(found)];
    };
    expect(ranges([8.2, 24.6], [7300, 21_900], [904, 2700])).toEqual([
      '8.2 to 25 ms',
      '2 to 6 h',
      '900 to 2700',
    ]);
    expect(ranges([200, 1800], [400_000, 4.55e6], [90, 900])).toEqual([
      '200 ms to 1.8 s',
      '5 to 53 days',
      '90 to 900',
    ]);
    expect(ranges([17_000, 69_000], [600, 600], [8, 34])).toEqual([
      '17 s to 1 min 09 s',
      'about 10 min',
      '8 to 34',
    ]);
    expect(ranges([12, 13], [80, 85], [1180, 1220])).toEqual(['12 ms', 'about 85 s', 'about 1200']);
  });

  it('is formatted in units that fit its size', () => {
    expect([0.84, 45.4, 999.6, 12_400].map(formatMilliseconds)).toEqual(['0.8 ms', '45 ms', '1.0 s', '12 s']);
  });

  it('warns if the disk cannot hold the checkpoints', () => {
    const needed = keptBytes(small.config, estimate);
    expect(needed).toBe((small.config.train.keepCheckpoints + 2) * 1e6);
    expect(warnOfDisk(needed, needed)).toBeNull();
    expect(warnOfDisk(needed, null)).toBeNull();
    expect(warnOfDisk(needed, needed - 1)).toContain('Free some space');
  });
});

describe('the datasets of the form', () => {
  const entry = (id: string, state: DatasetEntry['state'] = 'ready') => ({ id, state }) as DatasetEntry;
  const entries = [entry('a'), entry('b', 'absent'), entry('c'), entry('d', 'broken'), entry('e')];
  const list = (chosen: string | null, limit: number) =>
    listFirstDatasets(entries, { chosen, limit })
      .map(({ id }) => id)
      .join('');

  it('begin with those that can be chosen', () => {
    expect(list(null, Infinity)).toBe('acebd');
    expect(list('a', 3)).toBe('ace');
  });

  it('always contain the chosen one', () => {
    expect(list('e', 2)).toBe('ae');
    expect(list('d', 3)).toBe('acd');
    expect(list('gone', 2)).toBe('ac');
  });

  it('are warned of when a preset would enlarge their images', () => {
    const { imageSize } = resolve('mend').data;
    expect(warnOfEnlarging('cifar10', imageSize)).toContain(
      'CIFAR-10 have 32 × 32 pixels and are enlarged to 64 × 64',
    );
    expect(warnOfEnlarging('cifar10', resolve('laptop').data.imageSize)).toBeNull();
    expect(warnOfEnlarging('folder', imageSize)).toBeNull();
    expect(warnOfEnlarging('synthetic', imageSize)).toBeNull();
  });
});

describe('a preset', () => {
  it('has a summary that fits in its line', () => {
    expect(presets.filter(({ summary }) => summary === '' || summary.length > 50)).toEqual([]);
  });

  it('is outlined by its network, images, masks and sampling', () => {
    expect(summariseConfig(resolve('mend'), 'folder')).toEqual([
      ['Network', 'U-Net'],
      ['Images', '64 × 64 crops'],
      ['Masks', 'Mixture of laws'],
      ['Sampling', 'Heun, 10 steps'],
    ]);
    expect(summariseConfig(resolve('tiny'), 'synthetic').slice(1, 3)).toEqual([
      ['Images', '32 × 32'],
      ['Masks', 'Random pixels, 20 % known'],
    ]);
  });
});

function resolve(name: string) {
  const preset = findPreset(name);
  if (!preset) throw new Error(`no preset ${name}`);
  return resolvePreset(preset);
}

describe('the start button', () => {
  const job = { kind: 'training', runId: 'abcdefgh', name: 'first' } as const;
  const active = exampleLaneProgress({ job });

  it('shows whether the run starts now or is added to the queue, and whether the queue is held', () => {
    expect(startLabel({ active: [], waiting: [], held: false })).toBe('Start now');
    expect(startLabel({ active: [], waiting: [], held: true })).toBe('Add to queue (next)');
    expect(startLabel({ active: [active], waiting: [], held: false })).toBe('Add to queue (next)');
    expect(startLabel({ active: [active], waiting: [job, job], held: false })).toBe(
      'Add to queue (2 waiting)',
    );
    expect(startLabel({ active: [], waiting: [job], held: true })).toBe('Add to queue (1 waiting, held)');
  });
});

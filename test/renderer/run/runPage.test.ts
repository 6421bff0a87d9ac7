import { describe, expect, it } from 'vitest';
import { listAverages, useEvaluationForm } from '../../../renderer/composables/run/useEvaluationForm.ts';
import { kindsOf, writeRunLog } from '../../../renderer/models/run/runLogLines.ts';
import { describeGain } from '../../../shared/text/format.ts';
import type { RunLogLine } from '../../../shared/runLog.ts';
import { silenceWarning } from '../../../renderer/models/frame/laneText.ts';
import { findActions, nextStep, type RunState } from '../../../renderer/models/run/availableActions.ts';
import { configRows, searchRows } from '../../../renderer/models/run/configTable.ts';
import {
  groupAsEvaluation,
  groupEvaluations,
  newestRows,
} from '../../../renderer/models/run/evaluationGroups.ts';
import { budgetFraction } from '../../../shared/run.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import type { FieldKind } from '../../../shared/config/networks/registry.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import { createSavedPreset, findAnyPreset } from '../../../shared/config/savedPresets.ts';
import type { LaneJob, QueueState } from '../../../shared/queue.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';
import { exampleLaneProgress } from '../../shared/exampleRun.ts';

const id = 'aaaaaaaa';
const idle: QueueState = { active: [], waiting: [], held: false };
const run = (changes: Partial<RunState>): RunState => ({
  id,
  status: 'paused',
  step: 500,
  isDeleted: false,
  hasCheckpoint: true,
  ...changes,
});
const busy = (kind: LaneJob['kind']): QueueState => ({
  ...idle,
  active: [exampleLaneProgress({ job: { kind, runId: id, name: 'run' } })],
});

describe('the form of an evaluation', () => {
  it('takes the Bayer pattern of its run, and sends its phase with that law alone', () => {
    const mask = { law: 'bayer', phase: 'GBRG' } as const;
    const form = useEvaluationForm(() => [
      runConfigSchema.parse({ mask, field: { kind: 'unet', channelMask: true } }),
    ]);
    form.reset();
    expect(form.settings.value).toMatchObject({ maskLaw: 'bayer', phase: 'GBRG' });
    form.fields.phase = 'RGGB';
    expect(form.settings.value).toMatchObject({ maskLaw: 'bayer' });
    expect(form.settings.value).not.toHaveProperty('phase');
    form.fields.phase = 'BGGR';
    form.fields.maskLaw = 'uniform';
    expect(form.settings.value).not.toHaveProperty('phase');
  });

  it('says what was found in a field and what was expected, and takes numbers as every other form', () => {
    const form = useEvaluationForm(() => [runConfigSchema.parse({})]);
    form.reset();
    form.fields.images = '1 000';
    form.fields.maskSeed = '';
    expect(form.settings.value).toMatchObject({ images: 1000 });
    Object.assign(form.fields, { images: 'many', samples: '1.5', steps: '0', keepRatio: '1.2' });
    expect(form.settings.value).toBeNull();
    expect(form.problems.value).toEqual({
      images: '“many” is not a number. Expected a number such as 0.001 or 1e-3.',
      samples: 'Found 1.5, expected a whole number.',
      steps: 'Found 0, expected at least 1.',
      keepRatio: 'Found 1.2, expected at most 1.',
    });
  });
});

describe('findActions', () => {
  it('offers to pause and stop an active run but not to delete it', () => {
    expect(findActions(run({ status: 'running' }), busy('training'))).toEqual(['pause', 'stop', 'branch']);
  });

  it('offers to resume a paused run and to start a new one', () => {
    expect(findActions(run({}), idle)).toEqual(['resume', 'extend', 'branch', 'evaluate', 'delete']);
    expect(findActions(run({ status: 'queued', step: 0, hasCheckpoint: false }), idle)).toEqual([
      'start',
      'extend',
      'delete',
    ]);
  });

  it('offers a waiting run to leave the queue', () => {
    const queue: QueueState = { ...idle, waiting: [{ kind: 'training', runId: id, name: 'run' }] };
    expect(findActions(run({}), queue)[0]).toBe('leaveQueue');
  });

  it('offers to extend a finished run, but not to resume a diverged one', () => {
    expect(findActions(run({ status: 'finished' }), idle)).toEqual([
      'extend',
      'branch',
      'evaluate',
      'delete',
    ]);
    expect(findActions(run({ status: 'diverged' }), idle)).toEqual(['branch', 'evaluate', 'delete']);
  });

  it('does not offer to delete a run while it is evaluated, and offers nothing for a deleted run', () => {
    expect(findActions(run({ status: 'finished' }), busy('evaluation'))).not.toContain('delete');
    expect(findActions(run({ isDeleted: true }), idle)).toEqual([]);
  });
});

describe('nextStep', () => {
  it('names the checkpoint after a crash', () => {
    expect(nextStep('crashed', 250)).toMatch(/step 250/);
    expect(nextStep('diverged', null)).toMatch(/^Duplicate/);
  });
});

describe('configRows', () => {
  const preset = resolvePreset(tiny);
  const withKind = (kind: FieldKind) =>
    runConfigSchema.parse({ ...preset, field: { ...preset.field, kind } });

  it('marks no row of an unchanged configuration', () => {
    expect(configRows(preset).filter(({ presetText }) => presetText !== null)).toEqual([]);
  });

  it('shows the value and unit of the preset for a changed parameter', () => {
    const rows = configRows({ ...preset, train: { ...preset.train, batchSize: 8, minutes: null } });
    expect(rows.filter(({ presetText }) => presetText !== null)).toMatchObject([
      { path: 'train.batchSize', text: '8 images', presetText: '16 images' },
      { path: 'train.minutes', text: 'not set', presetText: '3 minutes' },
    ]);
  });

  it('compares the run of a preset of the user with the preset that is found', () => {
    const saved = createSavedPreset({ title: 'Mine', description: '' }, preset);
    const find = (name: string) => findAnyPreset(name, [saved]);
    const changed = configRows({ ...saved.config, seed: 7 }, find).filter(
      ({ presetText }) => presetText !== null,
    );
    expect(changed.map(({ path }) => path)).toEqual(['seed']);
  });

  it('returns rows only for the parameters of the network, compared with those of the preset', () => {
    const config = withKind('local');
    const rows = configRows(config).filter(({ path }) => path.startsWith('field.'));
    expect(rows.map(({ path }) => path)).not.toContain('field.latents');
    expect(rows.filter(({ presetText }) => presetText !== null)).toMatchObject([
      { path: 'field.kind', text: 'Local', presetText: 'Perceiver IO' },
    ]);
  });

  it('returns rows that can be searched by all terms in title, path or value', () => {
    const found = searchRows(configRows(preset), 'optim LEARNING 0.002').map(({ path }) => path);
    expect(found).toEqual(['optim.learningRate']);
  });
});

describe('the progress of a run', () => {
  it('is that of the limit that will be reached first', () => {
    const at = { status: 'running', step: 50, totalSteps: 200, processSeconds: 90 } as const;
    expect(budgetFraction({ ...at, minutes: null })).toBe(0.25);
    expect(budgetFraction({ ...at, minutes: 3 })).toBe(0.5);
    expect(budgetFraction({ ...at, totalSteps: null, minutes: null })).toBeNull();
    expect(budgetFraction({ ...at, processSeconds: 1e9, minutes: 3 })).toBe(1);
    expect(budgetFraction({ ...at, status: 'finished', minutes: 3 })).toBe(1);
  });

  it('includes a warning about a silent compute process, which comes later while the graph is compiled', () => {
    expect(silenceWarning({ phase: 'training', quietSeconds: 29 })).toBe('');
    expect(silenceWarning({ phase: 'training', quietSeconds: 40 })).toMatch(/40 s/);
    expect(silenceWarning({ phase: 'compiling the graph, first step', quietSeconds: 40 })).toBe('');
  });
});

describe('describeGain', () => {
  it('says how far a score is from the thin plate, and calls small differences practically equal', () => {
    expect(describeGain(1.856)).toBe('1.86 dB over the thin plate');
    expect(describeGain(-0.3)).toBe('0.30 dB below the thin plate');
    expect(describeGain(-0.04)).toBe('practically equal to the thin plate');
  });
});

describe('the log of a run', () => {
  const line = (kind: RunLogLine['kind'], text: string): RunLogLine => ({
    time: '2026-11-23T19:00:00.000Z',
    step: 250,
    kind,
    text,
  });

  it('offers the kinds that occur, in their usual order, and is copied with tabs between its columns', () => {
    const lines = [line('end', 'Paused'), line('start', 'Training starts'), line('end', 'Finished')];
    expect(kindsOf(lines)).toEqual(['start', 'end']);
    expect(writeRunLog(lines.slice(0, 1))).toBe('2026-11-23T19:00:00.000Z\t250\tend\tPaused');
  });
});

const titles = (...runs: Parameters<typeof listAverages>[0]) => listAverages(runs).map(({ title }) => title);

describe('listAverages', () => {
  it('returns the main EMA, further EMAs, and the weights without EMA', () => {
    expect(listAverages([{ ema: 0.999, emaMore: [0.99] }])).toEqual([
      { value: 'main', title: '0.999, the main one' },
      { value: '0.99', title: '0.99' },
      { value: 'off', title: 'Off: weights of the last step' },
    ]);
  });

  it('returns only EMAs that all of several runs keep', () => {
    expect(titles({ ema: 0.999, emaMore: [0.99] }, { ema: 0.99, emaMore: [] })).toEqual([
      'The main one of each run',
      '0.99',
      'Off: weights of the last step',
    ]);
    expect(titles({ ema: 0.999, emaMore: [0.99] }, { ema: 0.999, emaMore: [] })).toEqual([
      '0.999, the main one',
      'Off: weights of the last step',
    ]);
  });

  it('returns no choice if no run keeps an EMA', () => {
    expect(titles({ ema: 0, emaMore: [] })).toEqual(['None is kept']);
  });
});

const { protocol } = exampleEvaluation;
const flow = (psnr: number) => exampleRow({ method: 'flow', nfe: 1, samples: 1, psnr });
const at = (step: number, rows = [exampleRow({ method: 'linear' }), flow(step)], own = protocol) => ({
  step,
  createdAt: `2026-11-23T20:00:${step}Z`,
  protocol: own,
  rows,
});

describe('groupEvaluations', () => {
  it('never puts results of different protocols into one table', () => {
    const groups = groupEvaluations([at(30), at(20, undefined, { ...protocol, maskSeed: 7 }), at(10)]);
    expect(groups.map((group) => group.protocol.maskSeed)).toEqual([42, 7]);
    expect(groups[0].lines.map(({ step }) => step)).toEqual([null, 30, 10]);
  });

  it('does not depend on the order of the fields of a protocol', () => {
    const turned = Object.fromEntries(Object.entries(protocol).reverse()) as typeof protocol;
    expect(groupEvaluations([at(20), at(10, undefined, turned)])).toHaveLength(1);
  });

  it('lists a classical method once, regardless of the number of evaluations', () => {
    const [group] = groupEvaluations([at(20), at(10)]);
    expect(group.lines.filter(({ row }) => row.method === 'linear')).toHaveLength(1);
  });

  it('keeps rows that differ in solver or number of steps, and finds those of the newest step', () => {
    const row = (solver: string, solverSteps: number) =>
      exampleRow({ method: 'flow · mean of 4 samples', nfe: 4, samples: 4, solver, solverSteps });
    const curve = [row('euler', 4), row('heun', 2)];
    const [group] = groupEvaluations([at(20, curve), at(10, [row('euler', 4)])]);
    expect(group.lines).toHaveLength(3);
    expect(newestRows(group)).toEqual(curve);
    expect(newestRows(groupEvaluations([at(20, [exampleRow({ method: 'linear' })])])[0])).toEqual([]);
  });

  it('adds the step to method names if there are several steps', () => {
    const methods = (count: number) =>
      groupAsEvaluation(groupEvaluations([at(20), at(10)].slice(0, count))[0]).rows.map(
        ({ method }) => method,
      );
    expect(methods(1)).toEqual(['linear', 'flow']);
    expect(methods(2)).toEqual(['linear', 'flow, step 20', 'flow, step 10']);
  });
});

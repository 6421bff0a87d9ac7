import { describe, expect, it } from 'vitest';
import { configRows, searchRows } from '../../../renderer/models/run/configTable.ts';
import { silenceWarning } from '../../../renderer/models/frame/laneText.ts';
import { budgetFraction } from '../../../shared/config/budgetFraction.ts';
import { findActions, nextStep, type RunState } from '../../../renderer/models/run/availableActions.ts';
import { concerns } from '../../../renderer/models/doctor/logLines.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import type { FieldKind } from '../../../shared/config/networks/registry.ts';
import { resolvePreset, tiny } from '../../../shared/config/presets.ts';
import type { LaneJob, LaneProgress, QueueState } from '../../../shared/queue.ts';

const id = 'aaaaaaaa';
const idle: QueueState = { active: null, waiting: [], held: false };
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
  active: { job: { kind, runId: id, name: 'run' }, phase: 'training', done: 1 } as LaneProgress,
});

describe('findActions', () => {
  it('A training run can be paused and stopped but not deleted', () => {
    expect(findActions(run({ status: 'running' }), busy('training'))).toEqual(['pause', 'stop', 'branch']);
  });

  it('A paused run can be resumed, and a new one started', () => {
    expect(findActions(run({}), idle)).toEqual(['resume', 'extend', 'branch', 'evaluate', 'delete']);
    expect(findActions(run({ status: 'queued', step: 0, hasCheckpoint: false }), idle)).toEqual([
      'start',
      'extend',
      'delete',
    ]);
  });

  it('A waiting run can leave the queue', () => {
    const queue: QueueState = { ...idle, waiting: [{ kind: 'training', runId: id, name: 'run' }] };
    expect(findActions(run({}), queue)[0]).toBe('leaveQueue');
  });

  it('A finished run can be extended, and a diverged one cannot be resumed', () => {
    expect(findActions(run({ status: 'finished' }), idle)).toEqual([
      'extend',
      'branch',
      'evaluate',
      'delete',
    ]);
    expect(findActions(run({ status: 'diverged' }), idle)).toEqual(['branch', 'evaluate', 'delete']);
  });

  it('A run cannot be deleted while it is evaluated, and a deleted run has no actions', () => {
    expect(findActions(run({ status: 'finished' }), busy('evaluation'))).not.toContain('delete');
    expect(findActions(run({ isDeleted: true }), idle)).toEqual([]);
  });
});

describe('nextStep', () => {
  it('The next step after a crash names the checkpoint', () => {
    expect(nextStep('crashed', 250)).toMatch(/step 250/);
    expect(nextStep('diverged', null)).toMatch(/^Duplicate/);
  });
});

describe('configRows', () => {
  const preset = resolvePreset(tiny);
  const withKind = (kind: FieldKind) =>
    runConfigSchema.parse({ ...preset, field: { ...preset.field, kind } });

  it('An unchanged configuration equals its preset', () => {
    expect(configRows(preset).filter(({ presetText }) => presetText !== null)).toEqual([]);
  });

  it('A changed parameter is shown with the value and unit of the preset', () => {
    const rows = configRows({ ...preset, train: { ...preset.train, batchSize: 8, minutes: null } });
    expect(rows.filter(({ presetText }) => presetText !== null)).toMatchObject([
      { path: 'train.batchSize', text: '8 images', presetText: '16 images' },
      { path: 'train.minutes', text: 'not set', presetText: '3 minutes' },
    ]);
  });

  it('A configuration has rows for its own network only, compared with what the preset says about it', () => {
    const config = withKind('local');
    const rows = configRows(config).filter(({ path }) => path.startsWith('field.'));
    expect(rows.map(({ path }) => path)).not.toContain('field.latents');
    expect(rows.filter(({ presetText }) => presetText !== null)).toMatchObject([
      { path: 'field.kind', text: 'local', presetText: 'perceiver' },
    ]);
  });

  it('The search matches all terms in title, path or value', () => {
    const found = searchRows(configRows(preset), 'optim LEARNING 0.002').map(({ path }) => path);
    expect(found).toEqual(['optim.learningRate']);
  });
});

describe('progress of a run', () => {
  it('Progress is that of the limit that will be reached first', () => {
    const at = { status: 'running', step: 50, totalSteps: 200, processSeconds: 90 } as const;
    expect(budgetFraction({ ...at, minutes: null })).toBe(0.25);
    expect(budgetFraction({ ...at, minutes: 3 })).toBe(0.5);
    expect(budgetFraction({ ...at, totalSteps: null, minutes: null })).toBeNull();
    expect(budgetFraction({ ...at, processSeconds: 1e9, minutes: 3 })).toBe(1);
    expect(budgetFraction({ ...at, status: 'finished', minutes: 3 })).toBe(1);
  });

  it('A silent compute process is reported after a while, which is longer while the graph is compiled', () => {
    expect(silenceWarning({ phase: 'training', quietSeconds: 29 })).toBe('');
    expect(silenceWarning({ phase: 'training', quietSeconds: 40 })).toMatch(/40 s/);
    expect(silenceWarning({ phase: 'compiling the graph, first step', quietSeconds: 40 })).toBe('');
  });
});

describe('concerns', () => {
  it('A log line concerns a run by its ID, or by its name as a whole word', () => {
    expect(concerns('run aaaaaaaa started', { id, name: 'demo' })).toBe(true);
    expect(concerns('“demo” paused', { id, name: 'demo' })).toBe(true);
    expect(concerns('demo-2 paused', { id, name: 'demo' })).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { configRows, searchRows } from '../../../renderer/models/run/configTable.ts';
import { quietWarning } from '../../../renderer/models/frame/laneText.ts';
import { budgetShare } from '../../../shared/config/budgetShare.ts';
import { findActions, nextStep, type RunState } from '../../../renderer/models/run/availableActions.ts';
import { concerns } from '../../../renderer/models/doctor/logLines.ts';
import { resolvePreset } from '../../../shared/config/presets/registry.ts';
import { tiny } from '../../../shared/config/presets/tiny.ts';
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

describe('what can be done with a run', () => {
  it('is pausing and stopping while it trains, and no deleting', () => {
    expect(findActions(run({ status: 'running' }), busy('training'))).toEqual(['pause', 'stop', 'branch']);
  });

  it('is resuming what was paused, and starting what never ran', () => {
    expect(findActions(run({}), idle)).toEqual(['resume', 'extend', 'branch', 'evaluate', 'delete']);
    expect(findActions(run({ status: 'queued', step: 0, hasCheckpoint: false }), idle)).toEqual([
      'start',
      'extend',
      'delete',
    ]);
  });

  it('is leaving the queue while it waits', () => {
    const queue: QueueState = { ...idle, waiting: [{ kind: 'training', runId: id, name: 'run' }] };
    expect(findActions(run({}), queue)[0]).toBe('leaveQueue');
  });

  it('is extending what is finished, and never resuming what diverged', () => {
    expect(findActions(run({ status: 'finished' }), idle)).toEqual([
      'extend',
      'branch',
      'evaluate',
      'delete',
    ]);
    expect(findActions(run({ status: 'diverged' }), idle)).toEqual(['branch', 'evaluate', 'delete']);
  });

  it('is not deleting while it is evaluated, and nothing in the trash', () => {
    expect(findActions(run({ status: 'finished' }), busy('evaluation'))).not.toContain('delete');
    expect(findActions(run({ isDeleted: true }), idle)).toEqual([]);
  });
});

describe('the next step after a failure', () => {
  it('names the checkpoint it goes on from', () => {
    expect(nextStep('crashed', 250)).toMatch(/step 250/);
    expect(nextStep('diverged', null)).toMatch(/^Duplicate/);
  });
});

describe('the configuration of a run', () => {
  const preset = resolvePreset(tiny);

  it('differs in nothing from its preset when nothing was changed', () => {
    expect(configRows(preset).filter(({ presetText }) => presetText !== null)).toEqual([]);
  });

  it('shows a change with the preset’s value and unit', () => {
    const rows = configRows({ ...preset, train: { ...preset.train, batchSize: 8, minutes: null } });
    expect(rows.filter(({ presetText }) => presetText !== null)).toMatchObject([
      { path: 'train.batchSize', text: '8 images', presetText: '16 images' },
      { path: 'train.minutes', text: 'not set', presetText: '3 minutes' },
    ]);
  });

  it('is found by all words of title, path or value', () => {
    const found = searchRows(configRows(preset), 'optim LEARNING 0.002').map(({ path }) => path);
    expect(found).toEqual(['optim.learningRate']);
  });
});

describe('progress', () => {
  it('is that of the budget which ends first', () => {
    const at = { status: 'running', step: 50, totalSteps: 200, processSeconds: 90 } as const;
    expect(budgetShare({ ...at, minutes: null })).toBe(0.25);
    expect(budgetShare({ ...at, minutes: 3 })).toBe(0.5);
    expect(budgetShare({ ...at, totalSteps: null, minutes: null })).toBeNull();
    expect(budgetShare({ ...at, processSeconds: 1e9, minutes: 3 })).toBe(1);
    expect(budgetShare({ ...at, status: 'finished', minutes: 3 })).toBe(1);
  });

  it('says so when nothing is heard, later while the graph is compiled', () => {
    expect(quietWarning({ phase: 'training', quietSeconds: 29 })).toBe('');
    expect(quietWarning({ phase: 'training', quietSeconds: 40 })).toMatch(/40 s/);
    expect(quietWarning({ phase: 'compiling the graph, first step', quietSeconds: 40 })).toBe('');
  });
});

describe('lines of the log', () => {
  it('concern a run by its id, or its name as a whole word', () => {
    expect(concerns('run aaaaaaaa started', { id, name: 'demo' })).toBe(true);
    expect(concerns('“demo” paused', { id, name: 'demo' })).toBe(true);
    expect(concerns('demo-2 paused', { id, name: 'demo' })).toBe(false);
  });
});

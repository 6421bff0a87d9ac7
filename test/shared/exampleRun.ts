/** A run as lists, pages and the queue show it, with arbitrary values except for the given changes. */

import { runConfigSchema } from '../../shared/config/config.ts';
import type { LaneProgress } from '../../shared/queue.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { RunDetail } from '../../shared/runDetail.ts';
import type { RunSummary } from '../../shared/runList.ts';

export function exampleRunSummary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 'aaaaaaaa',
    name: 'example',
    status: 'finished',
    preset: 'tiny',
    method: 'flow',
    field: 'perceiver',
    source: 'cifar10',
    backend: null,
    step: 100,
    totalSteps: 100,
    fraction: 1,
    epoch: 1,
    processSeconds: 60,
    loss: 0.1,
    bestPsnr: null,
    gain: null,
    bestSsim: null,
    scores: { key: 'cifar10', label: 'cifar10 32×32' },
    tags: [],
    hasNote: false,
    archived: false,
    error: null,
    warning: null,
    createdAt: '2026-11-23T19:00:00.000Z',
    updatedAt: '2026-11-23T20:00:00.000Z',
    deletedAt: null,
    ...changes,
  };
}

/** Returns the detail of a run without checkpoints, evaluations or previews. */
export function exampleRunDetail(
  run: Partial<RunRecord> = {},
  changes: Partial<Omit<RunDetail, 'run'>> = {},
): RunDetail {
  return {
    run: {
      id: 'aaaaaaaa',
      name: 'example',
      status: 'finished',
      preset: 'tiny',
      config: runConfigSchema.parse({ preset: 'tiny' }),
      dataset: null,
      backend: null,
      step: 100,
      totalSteps: 100,
      epoch: 1,
      processSeconds: 60,
      loss: 0.1,
      bestPsnr: null,
      error: null,
      warning: null,
      createdAt: '2026-11-23T19:00:00.000Z',
      updatedAt: '2026-11-23T20:00:00.000Z',
      ...run,
    },
    summary: exampleRunSummary(),
    note: '',
    checkpoints: [],
    segments: [],
    evaluations: [],
    previews: [],
    references: null,
    branchedFrom: null,
    bytes: 0,
    datasetId: null,
    ...changes,
  };
}

export function exampleLaneProgress(changes: Partial<LaneProgress> = {}): LaneProgress {
  return {
    job: { kind: 'training', runId: 'aaaaaaaa', name: 'example' },
    phase: 'training',
    done: 1,
    total: 2,
    fraction: 0.5,
    stepsPerSecond: null,
    secondsLeft: null,
    secondsLeftSpread: null,
    quietSeconds: 0,
    ...changes,
  };
}

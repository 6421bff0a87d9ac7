import { describe, expect, it } from 'vitest';
import { describeLane, describeSilence, describeWaiting } from '../../../renderer/models/frame/laneText.ts';
import type { LaneProgress } from '../../../shared/queue.ts';

const training: LaneProgress = {
  job: { kind: 'training', runId: 'abcdefgh', name: 'tiny' },
  phase: 'training',
  done: 1204,
  total: 5000,
  fraction: 1204 / 5000,
  stepsPerSecond: 12.4,
  secondsLeft: 307,
  secondsLeftSpread: 30,
  quietSeconds: 1,
};

describe('laneText', () => {
  it('A job is described by step, percentage, rate and time left', () => {
    expect(describeLane(training)).toEqual([
      'step 1204 of 5000',
      '24 %',
      '12 steps/s',
      '5 min 07 s ± 30 s left',
    ]);
  });

  it('Unknown values are omitted', () => {
    const blank = {
      ...training,
      done: 0,
      total: null,
      fraction: null,
      stepsPerSecond: null,
      secondsLeft: null,
      secondsLeftSpread: null,
    };
    expect(describeLane(blank)).toEqual([]);
  });

  it('An evaluation counts images', () => {
    const job = { ...training.job, kind: 'evaluation' } as const;
    expect(describeLane({ ...training, job, done: 3, total: 100 })[0]).toBe('image 3 of 100');
  });

  it('Silence of the compute process is mentioned only if it is unusual', () => {
    expect(describeSilence(training)).toBeNull();
    expect(describeSilence({ ...training, quietSeconds: 25 })).toEqual({
      text: 'quiet for 25 s',
      isWarning: false,
    });
    expect(describeSilence({ ...training, quietSeconds: 90 })).toEqual({
      text: 'quiet for 1 min 30 s',
      isWarning: true,
    });
  });

  it('Waiting jobs are counted, and a held queue is named', () => {
    expect([describeWaiting(0, true), describeWaiting(2, false), describeWaiting(2, true)]).toEqual([
      '',
      '2 waiting',
      '2 held',
    ]);
  });
});

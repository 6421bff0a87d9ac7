import type { BrowserWindow } from 'electron';
import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueState } from '../../shared/queue.ts';
import type { RunSummary } from '../../shared/runList.ts';
import { describeEnd, followActivity } from '../../main/shell/activity.ts';
import { createFakeElectron, FakeNotification, FakeWindow } from '../support/fakeElectron.ts';

const job = { kind: 'training', runId: 'abcdefgh', name: 'tiny' } as const;

function busy(done: number, total: number | null): QueueState {
  const active = {
    job,
    phase: 'training',
    done,
    total,
    share: total === null ? null : done / total,
    stepsPerSecond: 10,
    secondsLeft: 1,
    secondsLeftSpread: 0,
    quietSeconds: 0,
  };
  return { active, waiting: [], held: false };
}

const idle: QueueState = { active: null, waiting: [], held: false };

function summary(status: RunSummary['status'], error: string | null = null) {
  return { id: 'abcdefgh', name: 'tiny', status, bestPsnr: 23.127, error } as RunSummary;
}

function follow(settings = { keepAwake: true, notifications: true }) {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  window.hasFocus = false;
  const opened: string[] = [];
  const listen = followActivity({
    powerSaveBlocker: fake.electron.powerSaveBlocker,
    Notification: fake.electron.Notification,
    findWindow: () => window as unknown as BrowserWindow,
    readSettings: () => settings,
    openRun: (id) => void opened.push(id),
  });
  return { fake, window, listen, opened };
}

beforeEach(() => void FakeNotification.shown.splice(0));

describe('while a run is computed', () => {
  it('the taskbar shows its share, and the machine stays awake until it ends', () => {
    const { fake, window, listen } = follow();
    for (const state of [busy(0, null), busy(25, 100), busy(50, 100), idle]) listen('queue.changed', state);
    expect(window.bars).toEqual([2, 0.25, 0.5, -1]);
    expect(fake.calls('keepAwake')).toEqual([['prevent-app-suspension']]);
    expect(fake.calls('letSleep')).toEqual([[7]]);
  });

  it('the machine may sleep where the user wants it so', () => {
    const { fake, listen } = follow({ keepAwake: false, notifications: true });
    listen('queue.changed', busy(1, 2));
    expect(fake.calls('keepAwake')).toEqual([]);
  });
});

describe('the end of a run', () => {
  it('is announced once, and a click opens the run', () => {
    const { listen, opened } = follow();
    listen('runs.changed', [summary('running')]);
    listen('runs.changed', [summary('finished')]);
    listen('runs.changed', [summary('finished')]);
    expect(FakeNotification.shown.map(({ words }) => words)).toEqual([
      { title: 'tiny', body: 'Finished. Best 23.13 dB.' },
    ]);
    FakeNotification.shown[0].emit('click');
    expect(opened).toEqual(['abcdefgh']);
  });

  it('is not announced to who looks at the window, to who wants none, nor for a run that was not running', () => {
    const seen = follow();
    seen.window.hasFocus = true;
    const unwanted = follow({ keepAwake: true, notifications: false });
    for (const { listen } of [seen, unwanted]) {
      listen('runs.changed', [summary('running')]);
      listen('runs.changed', [summary('finished')]);
    }
    follow().listen('runs.changed', [summary('finished')]);
    expect(FakeNotification.shown).toEqual([]);
  });

  it('by a fault says which; a pause that the user asked for says nothing', () => {
    expect(describeEnd(summary('crashed', 'Out of memory. Resume continues.'))?.body).toBe(
      'Out of memory. Resume continues.',
    );
    expect(describeEnd(summary('paused', 'The disk is full.'))?.body).toBe('The disk is full.');
    expect(describeEnd(summary('paused'))).toBeNull();
    expect(describeEnd(summary('stopped'))).toBeNull();
  });
});

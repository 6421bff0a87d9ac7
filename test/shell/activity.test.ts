import { beforeEach, describe, expect, it } from 'vitest';
import type { QueueState } from '../../shared/queue.ts';
import type { RunSummary } from '../../shared/runList.ts';
import { describeEnd, followActivity } from '../../main/shell/activity.ts';
import { exampleLaneProgress, exampleRunSummary } from '../shared/exampleRun.ts';
import { createFakeElectron, FakeNotification, FakeWindow, toBrowserWindow } from './fakeElectron.ts';

const job = { kind: 'training', runId: 'abcdefgh', name: 'tiny' } as const;

function trainingState(done: number, total: number | null): QueueState {
  const fraction = total === null ? null : done / total;
  const active = exampleLaneProgress({ job, done, total, fraction });
  return { active: [active], waiting: [], held: false };
}

const idle: QueueState = { active: [], waiting: [], held: false };

function summary(status: RunSummary['status'], error: string | null = null) {
  return exampleRunSummary({ id: 'abcdefgh', name: 'tiny', status, bestPsnr: 23.127, error });
}

function follow(settings = { keepAwake: true, notifications: true }) {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  window.hasFocus = false;
  const opened: string[] = [];
  const listen = followActivity({
    powerSaveBlocker: fake.electron.powerSaveBlocker,
    Notification: fake.electron.Notification,
    findWindow: () => toBrowserWindow(window),
    readSettings: () => settings,
    openRun: (id) => void opened.push(id),
  });
  return { fake, window, listen, opened };
}

beforeEach(() => void FakeNotification.shown.splice(0));

describe('while a run is computed', () => {
  it('the taskbar shows its progress, and the machine stays awake until it finishes', () => {
    const { fake, window, listen } = follow();
    for (const state of [trainingState(0, null), trainingState(25, 100), trainingState(50, 100), idle])
      listen('queue.changed', state);
    expect(window.bars).toEqual([2, 0.25, 0.5, -1]);
    expect(fake.calls('keepAwake')).toEqual([['prevent-app-suspension']]);
    expect(fake.calls('letSleep')).toEqual([[7]]);
  });

  it('the machine may sleep if the user allows it', () => {
    const { fake, listen } = follow({ keepAwake: false, notifications: true });
    listen('queue.changed', trainingState(1, 2));
    expect(fake.calls('keepAwake')).toEqual([]);
  });
});

describe('the end of a run', () => {
  it('is announced by one notification, and a click on it opens the run', () => {
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

  it('is not announced if the window has the focus, if notifications are off, or if the run was not running', () => {
    const focused = follow();
    focused.window.hasFocus = true;
    const silent = follow({ keepAwake: true, notifications: false });
    for (const { listen } of [focused, silent]) {
      listen('runs.changed', [summary('running')]);
      listen('runs.changed', [summary('finished')]);
    }
    follow().listen('runs.changed', [summary('finished')]);
    expect(FakeNotification.shown).toEqual([]);
  });

  it('is announced with its warning in place of its score', () => {
    const warned = { ...summary('finished'), warning: 'The network’s output is zero.' };
    expect(describeEnd(warned)?.body).toBe('Finished. The network’s output is zero.');
  });

  it('is announced with the reason if something went wrong, and not at all if the user paused or stopped it', () => {
    expect(describeEnd(summary('crashed', 'Out of memory. Resume continues.'))?.body).toBe(
      'Out of memory. Resume continues.',
    );
    expect(describeEnd(summary('paused', 'The disk is full.'))?.body).toBe('The disk is full.');
    expect(describeEnd(summary('paused'))).toBeNull();
    expect(describeEnd(summary('stopped'))).toBeNull();
  });
});

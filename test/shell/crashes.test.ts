import type { BrowserWindow } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { recoverFromCrashes } from '../../main/shell/window.ts';
import { createFakeElectron, FakeWindow } from '../support/fakeElectron.ts';

function openWatched() {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  const clock = { now: 0 };
  const parts = { app: fake.electron.app, log: vi.fn(), giveUp: vi.fn(), now: () => clock.now };
  recoverFromCrashes(window as unknown as BrowserWindow, parts);
  const crash = (reason = 'crashed') =>
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 5 });
  return { fake, window, clock, parts, crash };
}

describe('a page whose process crashed', () => {
  it('is reloaded at most three times per minute', () => {
    const { window, crash, parts } = openWatched();
    for (let time = 0; time < 4; time++) crash('oom');
    expect(window.webContents.reloads).toBe(3);
    expect(parts.giveUp).toHaveBeenCalledExactlyOnceWith('oom');
    expect(parts.log).toHaveBeenCalledTimes(4);
  });

  it('is reloaded without limit if it crashes rarely', () => {
    const { window, crash, clock, parts } = openWatched();
    for (let time = 0; time < 10; time++, clock.now += 30_000) crash();
    expect(window.webContents.reloads).toBe(10);
    expect(parts.giveUp).not.toHaveBeenCalled();
  });

  it('is not reloaded if it exited cleanly or its window is gone', () => {
    const { window, crash } = openWatched();
    crash('clean-exit');
    window.isGone = true;
    crash();
    expect(window.webContents.reloads).toBe(0);
  });

  it('is logged, as is any other process that crashed', () => {
    const { fake, parts } = openWatched();
    fake.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'killed', exitCode: 9 });
    expect(parts.log).toHaveBeenCalledWith('A process of type GPU is gone: killed, code 9.');
  });
});

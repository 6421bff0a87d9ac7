import type { BrowserWindow } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { recoverFromCrashes } from '../../main/shell/window.ts';
import { createFakeElectron, FakeWindow } from '../support/fakeElectron.ts';

function watch() {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  const clock = { now: 0 };
  const parts = { app: fake.electron.app, log: vi.fn(), giveUp: vi.fn(), now: () => clock.now };
  recoverFromCrashes(window as unknown as BrowserWindow, parts);
  const crash = (reason = 'crashed') =>
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 5 });
  return { fake, window, clock, parts, crash };
}

describe('a page whose process is gone', () => {
  it('is loaded again, three times in a minute and no more', () => {
    const { window, crash, parts } = watch();
    for (let time = 0; time < 4; time++) crash('oom');
    expect(window.webContents.reloads).toBe(3);
    expect(parts.giveUp).toHaveBeenCalledExactlyOnceWith('oom');
    expect(parts.log).toHaveBeenCalledTimes(4);
  });

  it('is loaded again without limit when it dies seldom', () => {
    const { window, crash, clock, parts } = watch();
    for (let time = 0; time < 10; time++, clock.now += 30_000) crash();
    expect(window.webContents.reloads).toBe(10);
    expect(parts.giveUp).not.toHaveBeenCalled();
  });

  it('is left alone when it ended as it should, or the window is gone', () => {
    const { window, crash } = watch();
    crash('clean-exit');
    window.isGone = true;
    crash();
    expect(window.webContents.reloads).toBe(0);
  });

  it('leaves a line in the log, as any other process does', () => {
    const { fake, parts } = watch();
    fake.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'killed', exitCode: 9 });
    expect(parts.log).toHaveBeenCalledWith('A process of type GPU is gone: killed, code 9.');
  });
});

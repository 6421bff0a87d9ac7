import type { BrowserWindow, IpcMainInvokeEvent } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { createIpcTransport } from '../../main/shell/ipcTransport.ts';
import { createFakeElectron, FakeWindow } from '../support/fakeElectron.ts';

function open() {
  const fake = createFakeElectron();
  const window = new FakeWindow({});
  const listener = vi.fn();
  const find = () => window as unknown as BrowserWindow;
  const transport = createIpcTransport(fake.electron.ipcMain, find, listener);
  const answer = vi.fn(() => Promise.resolve({ ok: true as const, value: 42 }));
  transport.handle('system.info', answer);
  const ask = fake.handlers.get('lab:system.info') as unknown as (
    event: Partial<IpcMainInvokeEvent>,
    input: unknown,
  ) => Promise<unknown>;
  return { window, transport, listener, answer, ask };
}

describe('requests over IPC', () => {
  it('from the main frame of our own page are answered', async () => {
    const { window, ask, answer } = open();
    const senderFrame = window.webContents.mainFrame as never;
    expect(await ask({ senderFrame }, { a: 1 })).toEqual({ ok: true, value: 42 });
    expect(answer).toHaveBeenCalledWith({ a: 1 });
  });

  it.each([
    ['another frame of our page', { url: 'app://lab/' }],
    ['a frame that is gone', null],
  ])('from %s are rejected', async (_who, senderFrame) => {
    const { ask, answer } = open();
    expect(await ask({ senderFrame: senderFrame as never }, {})).toMatchObject({ ok: false });
    expect(answer).not.toHaveBeenCalled();
  });

  it('from our window at a foreign address are rejected', async () => {
    const { window, ask, answer } = open();
    window.webContents.mainFrame.url = 'https://evil.org/';
    expect(await ask({ senderFrame: window.webContents.mainFrame as never }, {})).toMatchObject({
      ok: false,
    });
    expect(answer).not.toHaveBeenCalled();
  });
});

describe('events over IPC', () => {
  it('reach the window and the shell, or only the shell if the window is gone', () => {
    const { window, transport, listener } = open();
    transport.send('runs.listChanged', null);
    expect(window.webContents.sent).toEqual([['lab:event', 'runs.listChanged', null]]);
    window.webContents.isDestroyed = () => true;
    transport.send('runs.listChanged', null);
    expect(window.webContents.sent).toHaveLength(1);
    expect(listener).toHaveBeenCalledTimes(2);
  });
});

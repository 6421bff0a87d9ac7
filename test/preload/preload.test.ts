import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bridge, eventNames, requestNames } from '../../shared/contract.ts';

const electron = vi.hoisted(() => ({
  exposed: {} as Record<string, unknown>,
  getPathForFile: vi.fn<(file: File) => string>(),
  invoke: vi.fn<(channel: string, input: unknown) => Promise<unknown>>(),
  renderer: null as unknown,
}));

vi.mock('electron', () => {
  const emitter = new EventEmitter();
  electron.renderer = emitter;
  return {
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => void (electron.exposed[name] = value),
    },
    webUtils: { getPathForFile: electron.getPathForFile },
    ipcRenderer: Object.assign(emitter, { invoke: electron.invoke }),
  };
});

await import('../../preload/index.ts');
const bridge = electron.exposed.lab as Bridge;
const renderer = electron.renderer as EventEmitter;

beforeEach(() => void electron.invoke.mockReset().mockResolvedValue({ ok: true, value: 1 }));

describe('the preload script', () => {
  it('exposes one frozen object and nothing of Electron', () => {
    expect(Object.keys(electron.exposed)).toEqual(['lab']);
    expect(Object.isFrozen(bridge)).toBe(true);
    expect(Object.keys(bridge).sort()).toEqual([
      'mediaRoot',
      'mode',
      'on',
      'onConnection',
      'pathOfFile',
      'request',
    ]);
  });

  it('forwards exactly the requests of the contract', async () => {
    for (const name of requestNames) await bridge.request(name, {} as never);
    expect(electron.invoke.mock.calls.map(([channel]) => channel)).toEqual(
      requestNames.map((name) => `lab:${name}`),
    );
    await expect(bridge.request('shell.run' as never, {} as never)).rejects.toThrow('No request');
    expect(electron.invoke).toHaveBeenCalledTimes(requestNames.length);
  });

  it('returns the path of a dropped folder, and null for a file that the page has made', () => {
    const dropped = new File([], 'birds');
    electron.getPathForFile.mockImplementation((file) => (file === dropped ? '/photos/birds' : ''));
    expect(bridge.pathOfFile(dropped)).toBe('/photos/birds');
    expect(bridge.pathOfFile(new File([], 'pasted.png'))).toBe(null);
  });

  it('sends listeners the events they subscribed to, without Electron’s event object, until they unsubscribe', () => {
    const received: unknown[][] = [];
    const unsubscribe = bridge.on('run.preview', (...values: unknown[]) => void received.push(values));
    for (const name of eventNames) renderer.emit('lab:event', { sender: 'secret' }, name, name);
    unsubscribe();
    renderer.emit('lab:event', {}, 'run.preview', 'late');
    expect(received).toEqual([['run.preview']]);
    expect(() => bridge.on('secret' as never, () => undefined)).toThrow('No event');
  });
});

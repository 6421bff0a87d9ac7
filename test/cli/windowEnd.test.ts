import { ChildProcess } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { endWindowOnRequest, windowStdio } from '../../main/cli/commands/app.ts';

describe('a request to end the window', () => {
  /** Asks twice by Ctrl-C and returns what the window received. */
  function askTwice(platform: NodeJS.Platform): unknown[] {
    const received: unknown[] = [];
    const child = Object.assign(new ChildProcess(), {
      connected: true,
      send: (message: object) => received.push(message) > 0,
      kill: (signal?: string) => received.push(signal) > 0,
    });
    const release = endWindowOnRequest(child, platform);
    process.emit('SIGINT');
    process.emit('SIGINT');
    release();
    return received;
  }

  it('is a signal where there are signals, and a message on Windows, where a signal would kill it', () => {
    expect(askTwice('linux')).toEqual(['SIGTERM', 'SIGKILL']);
    const message = { type: 'end', cause: 'SIGINT' };
    expect(askTwice('win32')).toEqual([message, message, 'SIGKILL']);
  });

  it('has a channel on Windows', () => {
    expect(windowStdio('win32')).toContain('ipc');
    expect(windowStdio('darwin')).toBe('inherit');
  });
});

import { describe, expect, it } from 'vitest';
import { renamePatiently } from '../../../main/store/files/fileSystem.ts';

/** Returns a rename that fails with `code` so many times, and what it was asked. */
function failTimes(times: number, code: string) {
  const pauses: number[] = [];
  let attempts = 0;
  const rename = () => {
    if (attempts++ < times) throw Object.assign(new Error(code), { code });
  };
  const renameOn = (platform: NodeJS.Platform) => () =>
    renamePatiently('a', 'b', { platform, rename, pause: (milliseconds) => void pauses.push(milliseconds) });
  return { renameOn, pauses };
}

describe('a rename', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('that Windows refuses with %s is tried again', (code) => {
    const { renameOn, pauses } = failTimes(3, code);
    renameOn('win32')();
    expect(pauses).toEqual([10, 20, 40]);
  });

  it('fails after seven pauses with the error of the system', () => {
    const { renameOn, pauses } = failTimes(100, 'EBUSY');
    expect(renameOn('win32')).toThrow('EBUSY');
    expect(pauses).toHaveLength(7);
  });

  it('is not tried again for another reason, nor on another system', () => {
    const missing = failTimes(1, 'ENOENT');
    expect(missing.renameOn('win32')).toThrow('ENOENT');
    const denied = failTimes(1, 'EACCES');
    expect(denied.renameOn('linux')).toThrow('EACCES');
    expect([missing.pauses, denied.pauses]).toEqual([[], []]);
  });
});

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cookieNameOf, readSessionKey } from '../../main/server/sessions.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

describe('the session key', () => {
  it('stays the same, determines the name of the cookie, and can be read by its user only', () => {
    const folder = makeTemporaryFolder();
    const stored = readSessionKey(folder);
    expect(readSessionKey(folder)).toEqual(stored);
    expect(cookieNameOf(stored)).toMatch(/^lab-[0-9a-f]{12}$/);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'session.key')).mode & 0o077).toBe(0);
  });
});

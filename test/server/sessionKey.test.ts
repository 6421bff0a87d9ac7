import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cookieNameOf, readSessionKey } from '../../main/server/sessions.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

it('The key of the sessions stays the same, names the cookie, and can be read by its user only', () => {
  const folder = makeTemporaryFolder();
  const key = readSessionKey(folder);
  expect(readSessionKey(folder)).toEqual(key);
  expect(cookieNameOf(key)).toMatch(/^lab-[0-9a-f]{12}$/);
  if (process.platform !== 'win32') expect(statSync(join(folder, 'session.key')).mode & 0o077).toBe(0);
});

import fc from 'fast-check';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestLink } from '../../main/server/serveLaboratory.ts';
import { cookieNameOf, createSessions, isSame, readSessionKey } from '../../main/server/sessions.ts';
import { isHeld, takeDataFolder } from '../../main/store/applicationLock.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';

const key = new Uint8Array(32).fill(3);
const cookieOf = (header: string | null) => header?.split(';')[0];

describe('sessions', () => {
  it('can be opened once with each token', () => {
    const sessions = createSessions(key, 'lab');
    const token = sessions.createToken();
    const cookie = cookieOf(sessions.open(token));
    expect(sessions.isOpen(cookie)).toBe(true);
    expect(sessions.isOpen(`other=1; ${cookie}; more=2`)).toBe(true);
    expect(sessions.open(token)).toBeNull();
  });

  it('cannot be opened with any other text', () => {
    const sessions = createSessions(key, 'lab');
    const token = sessions.createToken();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sessions.open(text)).toBeNull();
      }),
    );
    for (const similar of [token.slice(1), `${token}a`, token.toUpperCase(), ` ${token}`]) {
      expect(sessions.open(similar)).toBeNull();
    }
  });

  it('need a cookie with the right name that was signed with the key', () => {
    const sessions = createSessions(key, 'lab');
    const cookie = cookieOf(sessions.open(sessions.createToken())) ?? '';
    const other = createSessions(new Uint8Array(32), 'lab');
    expect(other.isOpen(cookie)).toBe(false);
    expect(sessions.isOpen(cookie.replace('lab=', 'xlab='))).toBe(false);
    expect(sessions.isOpen(cookie.slice(0, -1))).toBe(false);
    expect(sessions.isOpen(undefined)).toBe(false);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sessions.isOpen(`lab=${text}`)).toBe(false);
      }),
    );
  });

  it('keep the sixteen newest tokens', () => {
    const sessions = createSessions(key, 'lab');
    const [oldest, second] = Array.from({ length: 17 }, () => sessions.createToken());
    expect(sessions.open(oldest)).toBeNull();
    expect(sessions.open(second)).not.toBeNull();
  });
});

describe('isSame', () => {
  it('compares secrets like texts', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (one, other) => isSame(one, other) === (one === other)));
    fc.assert(fc.property(fc.string(), (text) => isSame(text, text)));
  });
});

describe('the session key', () => {
  it('stays the same, determines the name of the cookie, and can be read by its user only', () => {
    const folder = makeTemporaryFolder();
    const stored = readSessionKey(folder);
    expect(readSessionKey(folder)).toEqual(stored);
    expect(cookieNameOf(stored)).toMatch(/^lab-[0-9a-f]{12}$/);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'session.key')).mode & 0o077).toBe(0);
  });
});

describe('requestLink', () => {
  it('names the process of a server that does not answer', async () => {
    const folder = makeTemporaryFolder();
    const held = await takeDataFolder(folder, 'server');
    if (!isHeld(held)) throw new Error('The data folder was expected to be free.');
    const starting = { kind: 'server', pid: process.pid, server: null } as const;
    setTimeout(() => held.publish({ port: 1, linkKey: 'key' }), 300);
    await expect(requestLink(folder, starting)).rejects.toThrow(
      `Process ${process.pid} serves this data folder, but it does not answer`,
    );
    held.release();
  });
});

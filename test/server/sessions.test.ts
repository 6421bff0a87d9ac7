import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSessions, isSame } from '../../main/server/sessions.ts';

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

/** Sessions: single-use tokens that open them, the signed cookies that identify them, and the signing key. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Sessions {
  /** Returns a new token for a link; it opens one session. */
  createToken(): string;
  /** Returns the Set-Cookie header for a valid token and uses it up; null for any other token. */
  open(token: string): string | null;
  /** Returns whether a Cookie header holds a session signed with this key. */
  isOpen(cookies: string | undefined): boolean;
}

/** Number of unused tokens; the oldest ones are dropped. */
const tokenLimit = 16;

/**
 * @param key Signs the cookies. Sessions survive a restart with the same key.
 * @param cookieName Cookies of one host name are shared by all its ports, so every laboratory needs its own name.
 */
export function createSessions(key: Uint8Array, cookieName: string): Sessions {
  const tokens: string[] = [];
  const sign = (id: string) => createHmac('sha256', key).update(id).digest('base64url');
  return {
    createToken() {
      const token = randomBytes(32).toString('base64url');
      tokens.push(token);
      if (tokens.length > tokenLimit) tokens.shift();
      return token;
    },
    open(token) {
      // Compares every token, so that the time does not depend on which one matches.
      const fits = tokens.map((waiting) => isSame(waiting, token));
      if (!fits.includes(true)) return null;
      tokens.splice(fits.indexOf(true), 1);
      const id = randomBytes(16).toString('base64url');
      return `${cookieName}=${id}.${sign(id)}; HttpOnly; SameSite=Strict; Path=/`;
    },
    isOpen(cookies = '') {
      return readCookies(cookies, cookieName).some((value) => {
        const [id, signature] = value.split('.');
        return signature !== undefined && isSame(signature, sign(id));
      });
    },
  };
}

/** Compares two texts in constant time. */
export function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function readCookies(header: string, name: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

const keyBytes = 32;

/** Reads the key that signs sessions, stored in the data folder so that open pages survive a restart. Readable only by the user; created if missing or damaged. */
export function readSessionKey(dataFolder: string): Buffer {
  const file = join(dataFolder, 'session.key');
  try {
    const key = readFileSync(file);
    if (key.length === keyBytes) return key;
  } catch {
    // The first start.
  }
  const key = randomBytes(keyBytes);
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

/** Returns a name per key, because cookies of all ports share a namespace and must not overwrite each other. */
export function cookieNameOf(key: Uint8Array): string {
  return `lab-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}

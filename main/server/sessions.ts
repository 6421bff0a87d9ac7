/** Tokens that open one session each, and the signed cookie a session is known by. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Sessions {
  /** A new token for a link; it opens one session. */
  createToken(): string;
  /** The value of the Set-Cookie header for a token that is good, null for any other. Uses the token up. */
  open(token: string): string | null;
  /** Whether a request's Cookie header holds a session of this key. */
  isOpen(cookies: string | undefined): boolean;
}

/** Tokens that wait to be used; older ones give way. */
const tokenLimit = 16;

/**
 * @param key Signs the cookies: sessions outlive the process where it is the same at the next start.
 * @param cookieName Cookies of one host name are shared by all its ports, so every laboratory has a name of its own.
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
      // Every waiting token is compared, whichever fits.
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

/** Equality in a time that tells nothing about where two texts differ. */
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

/** Only the user may read it. Made anew where it is missing or damaged. */
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

/** Cookies know no ports: laboratories of one machine must not overwrite each other's. */
export function cookieNameOf(key: Uint8Array): string {
  return `lab-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}

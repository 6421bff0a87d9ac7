/** The key that signs sessions, kept beside the runs: an open page finds its way back after a new start. */

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** The program's version, as its package says it. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const packageFile = resolve(import.meta.dirname, '../../package.json');

export function readVersion(): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
}

/** The Chromium that shows pages to tests: found on the machine, or installed from the system's packages. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { chromiumPaths } from '../../main/runtime/chromium.ts';

export type BrowserFinding = { readonly program: string } | { readonly reason: string };

declare module 'vitest' {
  export interface ProvidedContext {
    browser: BrowserFinding;
  }
}

/** Milliseconds. */
const installLimit = 6 * 60_000;

/** SPARSE_FIELD_LAB_CHROMIUM names a program, or is `none` to go without. Installs only as root, where apt-get is. */
export function provideBrowser(tell: (line: string) => void): BrowserFinding {
  const wish = process.env.SPARSE_FIELD_LAB_CHROMIUM;
  if (wish === 'none') return { reason: 'SPARSE_FIELD_LAB_CHROMIUM is none' };
  if (wish && !existsSync(wish)) return { reason: `SPARSE_FIELD_LAB_CHROMIUM: ${wish} is not there` };
  const found = wish ?? findProgram();
  if (found) return { program: found };
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) return { reason: 'no Chromium: install it, or name it in SPARSE_FIELD_LAB_CHROMIUM' };
  tell('Chromium: installing it with apt-get for the tests of pages …');
  const failure = installChromium();
  const program = findProgram();
  return program ? { program } : { reason: `no Chromium, and apt-get could not install it (${failure})` };
}

function findProgram(): string | undefined {
  return [...chromiumPaths, chromium.executablePath()].find((path) => existsSync(path));
}

/** @returns why it failed; empty when it did not. */
function installChromium(): string {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const commands = [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', 'chromium'],
  ];
  for (const words of commands) {
    const result = spawnSync('apt-get', words, {
      env: environment,
      timeout: installLimit,
      encoding: 'utf8',
    });
    if (result.status !== 0) return result.stderr?.trim().split('\n').at(-1) ?? String(result.error);
  }
  return '';
}

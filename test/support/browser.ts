/** The Chromium that displays pages in tests: found on the machine, or installed from the packages of the system. */

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

/** Displays pages without the user interface of a browser, for about a quarter of the processor time. */
const headlessShell = '/usr/bin/chromium-headless-shell';
/** Milliseconds. */
const installLimit = 6 * 60_000;

/**
 * Returns the browser for tests of pages, or why there is none. SPARSE_FIELD_LAB_CHROMIUM names a program, or is `none` to
 * skip these tests. Where root may use apt-get, what is missing is installed.
 */
export function provideBrowser(print: (line: string) => void): BrowserFinding {
  const request = process.env.SPARSE_FIELD_LAB_CHROMIUM;
  if (request === 'none') return { reason: 'SPARSE_FIELD_LAB_CHROMIUM is none' };
  if (request)
    return existsSync(request)
      ? { program: request }
      : { reason: `SPARSE_FIELD_LAB_CHROMIUM names ${request}, which does not exist` };
  const failure = existsSync(headlessShell) ? '' : installChromium(print);
  const program = findProgram();
  return program ? { program } : { reason: `no Chromium found (${failure}); set SPARSE_FIELD_LAB_CHROMIUM` };
}

function findProgram(): string | undefined {
  return [headlessShell, ...chromiumPaths, chromium.executablePath()].find((path) => existsSync(path));
}

/** Installs Chromium and returns why that failed, or an empty text. Reports are printed by the full browser. */
function installChromium(print: (line: string) => void): string {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return 'it can be installed only by root';
  print('Chromium: installing it with apt-get for the tests of pages …');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-q', '-y', '--no-install-recommends'];
  const commands = [
    ['update', '-q'],
    [...install, 'chromium'],
    [...install, 'chromium-headless-shell'],
  ];
  for (const args of commands) {
    const result = spawnSync('apt-get', args, {
      env: environment,
      timeout: installLimit,
      encoding: 'utf8',
    });
    if (result.status !== 0) return result.stderr?.trim().split('\n').at(-1) ?? String(result.error);
  }
  return '';
}

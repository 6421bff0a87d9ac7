/** Runs once before all tests: reports their backend and browser, and prepares their shared folder. */

import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { readInstallResult } from '../../main/runtime/installResult.ts';
import { provideBrowser } from './browser.ts';
import { makeRunFolder, removeLeftovers } from './leftovers.ts';
import { provideSlurm } from './slurm.ts';

/** Bytes that must be free in memory before the tests keep their temporary files there. */
const memoryNeeded = 4 * 1024 ** 3;

export function setup(project: TestProject): () => void {
  const installResult = readInstallResult(findRuntimePaths().outcomeFile);
  const isWasm =
    process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm' ||
    installResult === null ||
    installResult.kind === 'wasm';
  print(
    isWasm
      ? 'Backend: WASM; tests of native TensorFlow are skipped (npm run setup reports why it is missing).'
      : `Backend: TensorFlow ${installResult.version} on the ${installResult.device}.`,
  );
  const browser = provideBrowser(print);
  print('program' in browser ? `Browser: ${browser.program}.` : `Browser: none; ${browser.reason}.`);
  project.provide('browser', browser);
  const slurm = provideSlurm(print);
  print(slurm.isPresent ? 'Slurm: present.' : `Slurm: none, its tests are skipped; ${slurm.reason}.`);
  project.provide('slurm', slurm);
  const folder = makeTemporaryRoot();
  process.env.TMPDIR = folder;
  // The settings and presets of the developer have no effect on the tests.
  process.env.SPARSE_FIELD_LAB_CONFIG = join(folder, 'config');
  // Nor has what earlier versions of the code have painted.
  process.env.SPARSE_FIELD_LAB_CACHE = join(folder, 'cache');
  return () => rmSync(folder, { recursive: true, force: true });
}

/**
 * Creates the folder that holds every temporary file of the tests. It is in memory if there is room, because databases
 * and checkpoints are flushed to the disk thousands of times.
 */
function makeTemporaryRoot(): string {
  removeLeftovers(['/dev/shm', tmpdir()]);
  const folder = makeRunFolder(isMemoryUsable('/dev/shm') ? '/dev/shm' : tmpdir());
  if (canExecute(folder)) return folder;
  rmSync(folder, { recursive: true, force: true });
  return makeRunFolder(tmpdir());
}

function isMemoryUsable(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return process.platform === 'linux' && bavail * bsize >= memoryNeeded;
  } catch {
    return false;
  }
}

/** Whether programs may be started in the folder; containers often forbid it in memory. */
function canExecute(folder: string): boolean {
  const script = join(folder, 'probe');
  try {
    writeFileSync(script, '#!/bin/sh\n');
    chmodSync(script, 0o700);
    execFileSync(script);
    return true;
  } catch {
    return process.platform === 'win32';
  } finally {
    rmSync(script, { force: true });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

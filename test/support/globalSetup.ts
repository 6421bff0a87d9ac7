/** Before all tests: say in a line each which backend they will run on and which browser shows the pages. */

import type { TestProject } from 'vitest/node';
import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { readOutcome } from '../../main/runtime/installResult.ts';
import { provideBrowser } from './browser.ts';

export function setup(project: TestProject): void {
  const outcome = readOutcome(findRuntimePaths().outcomeFile);
  const isWasm =
    process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm' || outcome === null || outcome.kind === 'wasm';
  tell(
    isWasm
      ? 'Backend: WASM; tests of native TensorFlow are skipped (npm run setup says why it is missing).'
      : `Backend: TensorFlow ${outcome.version} on the ${outcome.device}.`,
  );
  const browser = provideBrowser(tell);
  tell('program' in browser ? `Browser: ${browser.program}.` : `Browser: none; ${browser.reason}.`);
  project.provide('browser', browser);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

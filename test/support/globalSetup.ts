/** Before all tests: say in one line which backend they will run on. */

import { findRuntimePaths } from '../../main/runtime/paths.ts';
import { readOutcome } from '../../main/runtime/outcome.ts';

export function setup(): void {
  const outcome = readOutcome(findRuntimePaths().outcomeFile);
  const isWasm =
    process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm' || outcome === null || outcome.kind === 'wasm';
  const line = isWasm
    ? 'Backend: WASM; tests of native TensorFlow are skipped (npm run setup says why it is missing).'
    : `Backend: TensorFlow ${outcome.version} on the ${outcome.device}.`;
  process.stdout.write(`${line}\n`);
}

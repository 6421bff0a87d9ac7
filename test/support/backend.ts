/** The backend of the tests, loaded once per process. */

import { describe } from 'vitest';

import { loadBackend } from '../../main/compute/backend.ts';

const loaded = await loadBackend();

/** The backend on which the tests run. */
export const backend = loaded.info;

/** tfjs-core with a ready backend; the instance that the engine imports. */
export const tf = loaded.tf;

/** A `describe` for tests of native TensorFlow, which are skipped on other backends. */
export function describeNative(title: string, tests: () => void): void {
  if (backend.kind === 'tensorflow') describe(title, tests);
  else describe.skip(`${title} (skipped: ${loaded.reason})`, tests);
}

/** The backend of a test file: loaded once, before its tests. */

import { describe } from 'vitest';

import { loadBackend } from '../../main/compute/backend.ts';

const loaded = await loadBackend();

/** What runs the tests of this file. */
export const backend = loaded.info;

/** tfjs-core, with the backend ready: the same instance that the engine imports. */
export const tf = loaded.tf;

/** `describe` for what needs native TensorFlow; elsewhere skipped, with the reason in the title. */
export function describeNative(title: string, tests: () => void): void {
  if (backend.kind === 'tensorflow') describe(title, tests);
  else describe.skip(`${title} (skipped: ${loaded.reason})`, tests);
}

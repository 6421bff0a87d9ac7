/** Observes or changes the addon below the TensorFlow backend for the duration of a test. */

import { onTestFinished } from 'vitest';
import {
  findNativeBackend,
  type NativeBackend,
  type NativeBinding,
} from '../../../main/compute/graph/nativeBackend.ts';

/** Returns the TensorFlow backend. @throws Error without native TensorFlow. */
export function nativeBackend(): NativeBackend {
  const backend = findNativeBackend();
  if (!backend) throw new Error('This test needs native TensorFlow; put it under describeNative.');
  return backend;
}

/** Replaces functions of the addon until the test is over; the replacements receive the original addon. */
export function replaceInBinding(replace: (own: NativeBinding) => Partial<NativeBinding>): void {
  const backend = nativeBackend();
  const own = backend.binding;
  const descriptors = Object.entries(replace(own)).map(([name, value]) => [name, { value }] as const);
  backend.binding = Object.create(own, Object.fromEntries(descriptors)) as NativeBinding;
  onTestFinished(() => void (backend.binding = own));
}

/** Counts the sessions that are opened and closed from now on. */
export function countSessions(): { opened: number; closed: number } {
  const counts = { opened: 0, closed: 0 };
  replaceInBinding((own) => ({
    loadSavedModel(folder, tags) {
      counts.opened += 1;
      return own.loadSavedModel(folder, tags);
    },
    deleteSavedModel(id) {
      counts.closed += 1;
      own.deleteSavedModel(id);
    },
  }));
  return counts;
}

/** The addon under a TensorFlow backend, watched or changed for the length of a test. */

import { onTestFinished } from 'vitest';
import {
  findNativeBackend,
  type NativeBackend,
  type NativeBinding,
} from '../../../main/compute/graph/nativeBackend.ts';

export function nativeBackend(): NativeBackend {
  const backend = findNativeBackend();
  if (!backend) throw new Error('This test needs native TensorFlow; put it under describeNative.');
  return backend;
}

/** Puts functions in front of the addon's own, which they get, until the test is over. */
export function replaceInBinding(replace: (own: NativeBinding) => Partial<NativeBinding>): void {
  const backend = nativeBackend();
  const own = backend.binding;
  const descriptors = Object.entries(replace(own)).map(([name, value]) => [name, { value }] as const);
  backend.binding = Object.create(own, Object.fromEntries(descriptors)) as NativeBinding;
  onTestFinished(() => void (backend.binding = own));
}

/** How many sessions were opened and closed since. */
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

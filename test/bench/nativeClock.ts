/** How long TensorFlow itself is at work: a clock around the native call that runs a graph. */

import type { NativeBackend, NativeBinding } from '../../main/compute/graph/nativeBackend.ts';

export interface NativeClock {
  /** Milliseconds inside graphs since the last call. */
  take(): number;
}

/** Graphs opened from now on are timed. */
export function timeNativeCalls(backend: NativeBackend): NativeClock {
  const { binding } = backend;
  let spent = 0;
  const runSavedModel: NativeBinding['runSavedModel'] = (...call) => {
    const startedAt = performance.now();
    const outputs = binding.runSavedModel(...call);
    spent += performance.now() - startedAt;
    return outputs;
  };
  // The binding's own properties are read-only.
  backend.binding = Object.create(binding, { runSavedModel: { value: runSavedModel } }) as NativeBinding;
  return {
    take() {
      const taken = spent;
      spent = 0;
      return taken;
    },
  };
}

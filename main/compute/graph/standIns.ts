/**
 * What a trace computes with: of its values only types and shapes matter, so the first result of a shape stands in for
 * all later ones and a trace holds one tensor a shape instead of everything a step makes.
 */

import { dataTypes } from './attributes.ts';
import type { NativeBinding, NativeOutput } from './nativeBackend.ts';

export interface StandIns {
  /** Takes over a result: the same type and shape under a new id, which costs no memory. */
  exchange(output: NativeOutput): NativeOutput;
  /** The tensor to compute with for an id handed out by `exchange`; other ids are their own. */
  realOf(id: number): number;
  /** Frees the tensors; the ids handed out are the caller's to delete. */
  release(): void;
}

export function createStandIns(binding: NativeBinding): StandIns {
  const realOfShape = new Map<string, number>();
  const realOfId = new Map<number, number>();
  return {
    exchange(output) {
      // Whole numbers are few, and may be shapes and axes that later results depend on.
      if (output.dtype !== dataTypes.float32) return output;
      const shape = output.shape.join();
      const real = realOfShape.get(shape) ?? output.id;
      if (real !== output.id) binding.deleteTensor(output.id);
      realOfShape.set(shape, real);
      const id = binding.createTensor([], dataTypes.float32, new Float32Array(1));
      realOfId.set(id, real);
      return { ...output, id };
    },
    realOf: (id) => realOfId.get(id) ?? id,
    release: () => realOfShape.forEach((id) => binding.deleteTensor(id)),
  };
}

/** A training batch for steps that read a single number. */

import type { TrainingBatch } from '../../../main/engine/train/trainingBatch.ts';

/** Returns a batch with the same tensor or array in place of every member. */
export function scalarBatch<Leaf>(leaf: Leaf): TrainingBatch<Leaf> {
  const context = { observedCoords: leaf, observedValues: leaf, queryCoords: leaf };
  return {
    rows: { ...context, target: leaf, time: leaf },
    update: { stepSize: leaf, secondCorrection: leaf, averageDecays: [] },
  };
}

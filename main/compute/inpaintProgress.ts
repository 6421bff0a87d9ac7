/** How far an inpainting is, over all its stages, each weighing what it is expected to cost. */

import type { ComputeEvent } from './protocol.ts';

export interface Stage {
  readonly name: string;
  /** Expected milliseconds; only their proportions count. */
  readonly cost: number;
}

export interface InpaintProgress {
  /** The share of a stage that is done, and what is being done in words. Never goes back. */
  report(stage: string, share: number, phase: string): void;
}

/** Milliseconds between two messages. */
const pace = 100;

export function createInpaintProgress(
  stages: readonly Stage[],
  emit: (event: ComputeEvent) => void,
): InpaintProgress {
  const total = stages.reduce((sum, { cost }) => sum + cost, 0);
  let most = 0;
  let lastStage = '';
  let emittedAt = -Infinity;
  return {
    report(name, share, phase) {
      const index = stages.findIndex((stage) => stage.name === name);
      const before = stages.slice(0, index).reduce((sum, { cost }) => sum + cost, 0);
      most = Math.max(most, before + Math.min(1, share) * stages[index].cost);
      if (name === lastStage && performance.now() - emittedAt < pace) return;
      lastStage = name;
      emittedAt = performance.now();
      emit({ type: 'progress', phase, done: Math.round(most), total: Math.round(total) });
    },
  };
}

/** The step a slider shows while a live run adds new ones. */

export interface StepChoice {
  /** null follows the newest step. */
  readonly chosen: number | null;
}

/** Returns the chosen step, the last one before it if it no longer exists, or the newest; null without steps. */
export function shownStep(steps: readonly number[], { chosen }: StepChoice): number | null {
  if (steps.length === 0) return null;
  if (chosen === null) return steps[steps.length - 1];
  return steps.findLast((step) => step <= chosen) ?? steps[0];
}

/** Moves by positions in the list; reaching the newest step follows it again. */
export function moveStep(steps: readonly number[], choice: StepChoice, by: number): StepChoice {
  const shown = shownStep(steps, choice);
  if (shown === null) return choice;
  const position = Math.min(Math.max(steps.indexOf(shown) + by, 0), steps.length - 1);
  return chooseStep(steps, steps[position]);
}

/** Chooses a step; choosing the newest follows it. */
export function chooseStep(steps: readonly number[], step: number): StepChoice {
  return { chosen: step === steps[steps.length - 1] ? null : step };
}

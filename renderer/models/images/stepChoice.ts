/** Which step the slider stands at while a live run adds new ones. */

/** `chosen` null: follows the newest. */
export interface StepChoice {
  readonly chosen: number | null;
}

/** The step shown: the chosen one, the newest before it where it is gone, else the newest; null before the first. */
export function shownStep(steps: readonly number[], { chosen }: StepChoice): number | null {
  if (steps.length === 0) return null;
  if (chosen === null) return steps[steps.length - 1];
  return steps.findLast((step) => step <= chosen) ?? steps[0];
}

/** Moves by places in the list; reaching the newest follows it again. */
export function moveStep(steps: readonly number[], choice: StepChoice, by: number): StepChoice {
  const shown = shownStep(steps, choice);
  if (shown === null) return choice;
  const place = Math.min(Math.max(steps.indexOf(shown) + by, 0), steps.length - 1);
  return chooseStep(steps, steps[place]);
}

/** Stands at a step; at the newest, follows it. */
export function chooseStep(steps: readonly number[], step: number): StepChoice {
  return { chosen: step === steps[steps.length - 1] ? null : step };
}

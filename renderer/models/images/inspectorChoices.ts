/** What an inspector of images lets the user choose: the versions of an image, and the step of a run. */

import { formatCount } from '../../../shared/text/format.ts';

export type PreviewVersion = 'truth' | 'observed' | 'result' | 'pinned';

export interface VersionChoice {
  readonly value: string;
  readonly title: string;
}

/** Returns the versions of a preview's image. @param pinnedStep null if no step is pinned. */
export function listVersions(step: number | null, pinnedStep: number | null): VersionChoice[] {
  const names: Record<PreviewVersion, string> = {
    truth: 'Truth',
    observed: 'Known',
    result: step === null ? 'Result' : `Result, step ${formatCount(step)}`,
    pinned: `Result, step ${formatCount(pinnedStep)} (pinned)`,
  };
  return Object.entries(names)
    .map(([value, title]) => ({ value, title }))
    .filter(({ value }) => value !== 'pinned' || pinnedStep !== null);
}

/** Returns the title of a version; empty if it does not exist. */
export function nameVersion(versions: readonly VersionChoice[], version: string): string {
  return versions.find(({ value }) => value === version)?.title ?? '';
}

/**
 * Formats the time of an intermediate state as `t = 0.40`, or with four digits if another time in `among` would look the
 * same.
 */
export function describeTime(time: number, among: readonly number[] = [0, 1]): string {
  const short = time.toFixed(2);
  const isAmbiguous = among.some((other) => other !== time && other.toFixed(2) === short);
  return `t = ${isAmbiguous ? time.toFixed(4) : short}`;
}

/** The step that a slider shows while a live run adds new ones. */
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

/** Returns the one of ascending `steps` that is nearest to `step`, the earlier of two; null without steps. */
export function nearestStep(steps: readonly number[], step: number): number | null {
  return steps.reduce<number | null>(
    (nearest, each) =>
      nearest === null || Math.abs(each - step) < Math.abs(nearest - step) ? each : nearest,
    null,
  );
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

/** How far a user has come in the guided tour, as the browser remembers it. */

export const tourStepIds = ['train', 'watch', 'evaluate', 'image', 'report'] as const;
export type TourStepId = (typeof tourStepIds)[number];

/** Where a user is in the tour. `step` is one more than the last index once all steps are done. */
export interface TourProgress {
  readonly isOpen: boolean;
  readonly step: number;
  /** The run that the tour is about; null before the first step is done. */
  readonly runId: string | null;
}

export const tourStart: TourProgress = { isOpen: false, step: 0, runId: null };

/** Returns the progress after a step is done or skipped. */
export function afterStep(progress: TourProgress): TourProgress {
  return { ...progress, step: Math.min(progress.step + 1, tourStepIds.length) };
}

/** Returns the present step; null after the last one. */
export function currentStep({ step }: TourProgress): TourStepId | null {
  return tourStepIds[step] ?? null;
}

/** Reads stored progress; what is not understood begins at the start. */
export function readProgress(text: string): TourProgress {
  try {
    const { isOpen, step, runId } = JSON.parse(text) as Partial<Record<keyof TourProgress, unknown>>;
    const isStep =
      typeof step === 'number' && Number.isInteger(step) && step >= 0 && step <= tourStepIds.length;
    return {
      isOpen: isOpen === true,
      step: isStep ? step : 0,
      runId: typeof runId === 'string' && /^[a-z2-7]{8}$/.test(runId) ? runId : null,
    };
  } catch {
    return tourStart;
  }
}

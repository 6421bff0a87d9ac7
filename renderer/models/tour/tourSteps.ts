/** The guided tour: five things to do with the demo run. Each step ends when it has been done. */

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

export interface TourStep {
  readonly title: string;
  readonly text: string;
  /** Selectors of what to use, the most specific first; those that are not on the page are passed over. */
  readonly targets: readonly string[];
  /** Where it is done. */
  address(runId: string | null): string;
}

const pageOf = (runId: string | null, tab = 'overview') =>
  runId === null ? '/runs' : `/runs/${runId}?tab=${tab}`;

export const tourSteps: Readonly<Record<TourStepId, TourStep>> = {
  train: {
    title: 'Train a network',
    text: 'Start the demo: a small network learns to rebuild generated shapes from a fifth of their pixels. Nothing is downloaded.',
    targets: ['[data-command="demo"]', '[data-command="tour.demo"]'],
    address: () => '/runs',
  },
  watch: {
    title: 'Watch it learn',
    text: 'The loss falls, and the previews become sharper with every checkpoint. This takes about three minutes; you may look around. The tour continues when the training has finished.',
    targets: ['[data-metric="loss"]'],
    address: pageOf,
  },
  evaluate: {
    title: 'Compare it with interpolation',
    text: 'Evaluate the run: it is scored on images that it has never seen, next to the classical methods. Hover over a column head to learn what it means.',
    targets: ['[data-command="run.evaluate"]'],
    address: pageOf,
  },
  image: {
    title: 'Fill in your image',
    text: 'Open an image, brush over a part of it or hide a pattern of pixels, and fill it in. A classical method answers within a second; your run is in the list of methods.',
    targets: ['[data-command="startRun"]', 'main [data-command="openImages"]'],
    address: () => '/images',
  },
  report: {
    title: 'Write a report',
    text: 'A report compares two runs or more. Start a second one, for example Tiny, select both in the list and press C; “Report…” writes a page with tables, charts and how to reproduce them.',
    targets: ['main [data-command="compare.report"]', 'main [data-command="newRun"]', 'a[href="#/new"]'],
    address: () => '/runs',
  },
};

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

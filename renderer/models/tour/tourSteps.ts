/** The guided tour: five things to do with the demo run. Each step ends when it has been done. */

import type { TourStepId } from './tourProgress.ts';

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
    text: 'A report is a page with the tables, charts and images of your run and how to reproduce them, to be read anywhere. “Report…” writes it; with several runs selected in the list, it compares them.',
    targets: [
      'main [data-command="run.report"]',
      'main [data-command="compare.report"]',
      // A run that was never evaluated has nothing to report.
      'main [data-command="run.evaluate"]',
    ],
    address: pageOf,
  },
};

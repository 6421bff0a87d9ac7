/** What compared runs measured while they trained, as tables: shown until an evaluation exists. */

import type { ComparisonColumn } from '../../../shared/comparison/comparisonColumns.ts';
import type { ComparisonTable } from '../../../shared/comparison/comparisonTables.ts';
import { groupByBasis, type ScoreBasis } from '../../../shared/comparison/scoreBasis.ts';
import { practicalDifference } from '../../../shared/numbers/psnrMean.ts';
import type { RunSummary } from '../../../shared/runList.ts';
import {
  formatCount,
  formatDecibels,
  formatDuration,
  formatSignificant,
} from '../../../shared/text/format.ts';

/** A run as a row of such a table. */
export interface TrainingRow extends Pick<
  RunSummary,
  'id' | 'step' | 'processSeconds' | 'loss' | 'bestPsnr' | 'bestSsim'
> {
  /** Name of the run. */
  readonly method: string;
}

/** Runs whose scores compare with each other. */
export interface TrainingScores {
  readonly basis: ScoreBasis;
  readonly runs: readonly RunSummary[];
  readonly table: ComparisonTable<TrainingRow>;
}

/** Returns one table per basis. The loss has no best: it depends on what a method is trained to predict. */
export function trainingScores(runs: readonly RunSummary[]): TrainingScores[] {
  return groupByBasis(runs, ({ scores }) => scores).map(({ basis, items }) => ({
    basis,
    runs: items,
    table: { title: '', note: '', columns, rows: items.map((run) => ({ ...run, method: run.name })) },
  }));
}

const columns: readonly ComparisonColumn<TrainingRow>[] = [
  column(['training', 'step'], ({ step }) => step, formatCount),
  column(
    ['training', 'time'],
    ({ processSeconds }) => processSeconds,
    (seconds) => (seconds ? formatDuration(seconds) : '–'),
  ),
  column(
    ['newest', 'loss'],
    ({ loss }) => loss,
    (loss) => formatSignificant(loss),
  ),
  {
    ...column(['best', 'PSNR'], ({ bestPsnr }) => bestPsnr, formatDecibels),
    quality: ({ bestPsnr }) => bestPsnr,
    equalWithin: practicalDifference,
  },
  {
    ...column(
      ['best', 'SSIM'],
      ({ bestSsim }) => bestSsim,
      (ssim) => ssim?.toFixed(4) ?? '–',
    ),
    quality: ({ bestSsim }) => bestSsim,
  },
];

function column(
  heading: readonly string[],
  value: (row: TrainingRow) => number | null,
  format: (value: number | null) => string,
): ComparisonColumn<TrainingRow> {
  return {
    heading,
    format: (row) => format(value(row)),
    numbers: [{ heading: heading.join(' '), value }],
  };
}

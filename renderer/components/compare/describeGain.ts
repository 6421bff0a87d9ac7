/** The difference of one image in words. */

import { signed } from '../../../shared/pure/comparisonVerdict.ts';
import { pairedMetrics, type PairedStatistics } from '../../../shared/pure/pairedStatistics.ts';

/** `+0.84 dB`; `∞` where one of the two is exact. */
export function describeGain({ differences, metric }: PairedStatistics, image: number): string {
  const difference = differences[image];
  const { unit, digits } = pairedMetrics[metric];
  return difference === null ? '∞' : `${signed(difference, digits)} ${unit}`.trim();
}

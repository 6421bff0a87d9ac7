import { signed } from '../../../shared/numbers/nonFinite.ts';
import { pairedMetrics, type PairedStatistics } from '../../../shared/comparison/pairedStatistics.ts';

/** Formats the difference of one image, e.g. `+0.84 dB`; says which of the two is exact if one is. */
export function describeGain({ differences, gains, metric }: PairedStatistics, image: number): string {
  const difference = differences[image];
  const { unit, digits } = pairedMetrics[metric];
  if (difference === null) return gains[image] > 0 ? 'exact' : 'reference exact';
  return `${signed(difference, digits)} ${unit}`.trim();
}

/** The scales of maps: which number has the brightest colour. */

import { formatSignificant } from '../../../shared/text/format.ts';
import { errorScale } from './imageError.ts';

export interface MapScale {
  readonly name: string;
  /** What the brightest colour stands for; values are of [0, 1]. */
  readonly end: string;
  /** Larger values have that colour too. */
  readonly isOpen: boolean;
  readonly meaning: string;
}

/** One for all images, so that maps compare. */
export const errorMapScale: MapScale = {
  name: 'Error',
  end: String(errorScale),
  isOpen: true,
  meaning: '|A − B|, mean of the channels',
};

/** Of samples around their mean. @param largest What white stands for. */
export function deviationMapScale(largest: number, samples: number): MapScale {
  const meaning = `standard deviation of ${samples} samples`;
  return { name: 'Deviation', end: formatSignificant(largest, 2), isOpen: false, meaning };
}

/** What the maps of errors and deviations show. */

import { formatSignificant } from '../../../shared/text/format.ts';

/** Error at the bright end of the map, in [0, 1]; the same for all images, so that error maps can be compared. */
export const errorScale = 0.25;

/** The range of values that a map shows. */
export interface MapScale {
  readonly name: string;
  /** Value of the brightest colour, as text. */
  readonly end: string;
  /** Whether larger values have the brightest colour, too. */
  readonly isOpen: boolean;
  readonly meaning: string;
}

export const errorMapScale: MapScale = {
  name: 'Error',
  end: String(errorScale),
  isOpen: true,
  meaning: '|A − B|, mean of the channels',
};

/** Returns the scale of a map of the samples' standard deviation. @param largest Value of white in the map. */
export function deviationMapScale(largest: number, samples: number): MapScale {
  const meaning = `standard deviation of ${samples} samples`;
  return { name: 'Deviation', end: formatSignificant(largest, 2), isOpen: false, meaning };
}

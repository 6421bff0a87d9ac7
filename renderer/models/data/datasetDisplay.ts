/** Icons, colours and texts for the state and progress of a dataset. */

import {
  mdiAlertCircle,
  mdiCheckCircle,
  mdiCloudDownloadOutline,
  mdiProgressCheck,
  mdiTrayArrowDown,
} from '@mdi/js';
import { formatBytes, formatCount, formatPercent } from '../../../shared/text/format.ts';
import type { LibraryProgress, DatasetState } from '../../../shared/dataLibrary.ts';

export interface DatasetDisplay {
  readonly icon: string;
  /** Name of a theme colour. */
  readonly colour: string;
  readonly label: string;
}

export const datasetDisplay: Readonly<Record<DatasetState, DatasetDisplay>> = {
  ready: { icon: mdiCheckCircle, colour: 'success', label: 'ready' },
  absent: { icon: mdiCloudDownloadOutline, colour: 'secondary', label: 'not downloaded' },
  downloading: { icon: mdiTrayArrowDown, colour: 'primary', label: 'downloading' },
  verifying: { icon: mdiProgressCheck, colour: 'primary', label: 'verifying' },
  broken: { icon: mdiAlertCircle, colour: 'error', label: 'not readable' },
};

const phases = {
  connecting: 'Connecting',
  downloading: 'Downloading',
  verifying: 'Verifying',
  reading: 'Reading images',
} as const;

/** Returns the completed fraction, 0 to 1; null if the total is unknown. */
export function fractionDone(progress: LibraryProgress | null): number | null {
  return progress?.total ? progress.done / progress.total : null;
}

/** `Downloading: 54 MB of 170 MB, 31 %`. */
export function describeProgress(progress: LibraryProgress | null): string {
  if (!progress) return 'Starting';
  const { phase, done, total, unit } = progress;
  if (phase === 'connecting') return phases[phase];
  const format = unit === 'bytes' ? formatBytes : formatCount;
  const images = unit === 'images' ? ' images' : '';
  const fraction = fractionDone(progress);
  if (total === null || fraction === null) return `${phases[phase]}: ${format(done)}${images}`;
  return `${phases[phase]}: ${format(done)} of ${format(total)}${images}, ${formatPercent(fraction)}`;
}

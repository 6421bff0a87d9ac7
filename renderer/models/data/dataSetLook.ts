/** How the state of a data set, and what is being done with it, are shown. */

import {
  mdiAlertCircle,
  mdiCheckCircle,
  mdiCloudDownloadOutline,
  mdiProgressCheck,
  mdiTrayArrowDown,
} from '@mdi/js';
import { formatBytes, formatCount, formatPercent } from '../../../shared/text/format.ts';
import type { DataSetProgress, DataSetState } from '../../../shared/dataLibrary.ts';

export interface DataSetLook {
  readonly icon: string;
  /** Name of a theme colour. */
  readonly colour: string;
  readonly word: string;
}

export const dataSetLook: Readonly<Record<DataSetState, DataSetLook>> = {
  ready: { icon: mdiCheckCircle, colour: 'success', word: 'ready' },
  absent: { icon: mdiCloudDownloadOutline, colour: 'secondary', word: 'not downloaded' },
  downloading: { icon: mdiTrayArrowDown, colour: 'primary', word: 'downloading' },
  verifying: { icon: mdiProgressCheck, colour: 'primary', word: 'verifying' },
  broken: { icon: mdiAlertCircle, colour: 'error', word: 'not readable' },
};

const phases = {
  connecting: 'Connecting',
  downloading: 'Downloading',
  verifying: 'Verifying',
  reading: 'Reading pictures',
} as const;

/** 0 … 1; null: not known yet. */
export function shareDone(progress: DataSetProgress | null): number | null {
  return progress?.total ? progress.done / progress.total : null;
}

/** `Downloading: 54 MB of 170 MB, 31 %`. */
export function describeProgress(progress: DataSetProgress | null): string {
  if (!progress) return 'Starting';
  const { phase, done, total, unit } = progress;
  if (phase === 'connecting') return phases[phase];
  const format = unit === 'bytes' ? formatBytes : formatCount;
  const images = unit === 'images' ? ' images' : '';
  const share = shareDone(progress);
  if (total === null || share === null) return `${phases[phase]}: ${format(done)}${images}`;
  return `${phases[phase]}: ${format(done)} of ${format(total)}${images}, ${formatPercent(share)}`;
}

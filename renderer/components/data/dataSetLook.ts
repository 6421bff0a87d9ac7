/** How the state of a data set, and what is being done with it, are shown. */

import {
  mdiAlertCircle,
  mdiCheckCircle,
  mdiCloudDownloadOutline,
  mdiProgressCheck,
  mdiTrayArrowDown,
} from '@mdi/js';
import { formatBytes, formatCount, formatPercent } from '../../../shared/pure/format.ts';
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

const phases = { downloading: 'Downloading', verifying: 'Verifying', reading: 'Reading pictures' } as const;

/** `Downloading: 54 MB of 170 MB, 31 %`. */
export function describeProgress({ phase, done, total, unit }: DataSetProgress): string {
  const format = unit === 'bytes' ? formatBytes : formatCount;
  const images = unit === 'images' ? ' images' : '';
  if (total === null || total === 0) return `${phases[phase]}: ${format(done)}${images}`;
  return `${phases[phase]}: ${format(done)} of ${format(total)}${images}, ${formatPercent(done / total)}`;
}

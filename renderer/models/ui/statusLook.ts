/** How every status of a run is shown. */

import {
  mdiAlertCircle,
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseOctagon,
  mdiFlash,
  mdiPauseCircle,
  mdiPlayCircle,
  mdiStopCircle,
} from '@mdi/js';
import type { RunStatus } from '../../../shared/run.ts';

export interface StatusLook {
  readonly icon: string;
  /** Name of a theme colour. */
  readonly colour: 'primary' | 'secondary' | 'success' | 'warning' | 'error' | 'info';
  readonly word: string;
  /** One sentence for the tooltip. */
  readonly meaning: string;
}

export const statusLook: Readonly<Record<RunStatus, StatusLook>> = {
  queued: {
    icon: mdiClockOutline,
    colour: 'secondary',
    word: 'queued',
    meaning: 'Made, and not started yet.',
  },
  running: { icon: mdiPlayCircle, colour: 'primary', word: 'running', meaning: 'Is being computed now.' },
  paused: {
    icon: mdiPauseCircle,
    colour: 'info',
    word: 'paused',
    meaning: 'Paused at its newest checkpoint; resume to go on.',
  },
  interrupted: {
    icon: mdiFlash,
    colour: 'warning',
    word: 'interrupted',
    meaning: 'Ended between two checkpoints; resume to go on from the newest one.',
  },
  finished: {
    icon: mdiCheckCircle,
    colour: 'success',
    word: 'finished',
    meaning: 'Reached the end of its budget.',
  },
  stopped: {
    icon: mdiStopCircle,
    colour: 'secondary',
    word: 'stopped',
    meaning: 'Ended by you before its budget; it can be resumed.',
  },
  diverged: {
    icon: mdiAlertCircle,
    colour: 'error',
    word: 'diverged',
    meaning: 'Its loss or weights became infinite or not a number; branch from an earlier checkpoint.',
  },
  crashed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    word: 'crashed',
    meaning: 'The compute process failed; resume to go on from the newest checkpoint.',
  },
};

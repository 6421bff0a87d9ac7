/** Icon, colour, name and meaning of each run status. */

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

export interface StatusDisplay {
  readonly icon: string;
  /** Name of a theme colour. */
  readonly colour: 'primary' | 'secondary' | 'success' | 'warning' | 'error' | 'info';
  readonly label: string;
  /** Replaces the label while the connection is lost, for a status that changes by itself. */
  readonly pastLabel?: string;
  /** One sentence for the tooltip. */
  readonly meaning: string;
}

export const statusDisplay: Readonly<Record<RunStatus, StatusDisplay>> = {
  queued: {
    icon: mdiClockOutline,
    colour: 'secondary',
    label: 'not started',
    meaning: 'Created but not started yet.',
  },
  running: {
    icon: mdiPlayCircle,
    colour: 'primary',
    label: 'running',
    pastLabel: 'was running',
    meaning: 'Being computed now.',
  },
  paused: {
    icon: mdiPauseCircle,
    colour: 'info',
    label: 'paused',
    meaning: 'Paused at its newest checkpoint; resume it to continue.',
  },
  interrupted: {
    icon: mdiFlash,
    colour: 'warning',
    label: 'interrupted',
    meaning: 'Interrupted between two checkpoints; resume it to continue from the newest one.',
  },
  finished: {
    icon: mdiCheckCircle,
    colour: 'success',
    label: 'finished',
    meaning: 'Completed its budget.',
  },
  stopped: {
    icon: mdiStopCircle,
    colour: 'secondary',
    label: 'stopped',
    meaning: 'Stopped by you before the end of its budget; it can be resumed.',
  },
  diverged: {
    icon: mdiAlertCircle,
    colour: 'error',
    label: 'diverged',
    meaning: 'Its loss or weights became infinite or not a number; branch from an earlier checkpoint.',
  },
  crashed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    label: 'crashed',
    meaning: 'The compute process failed; resume it to continue from the newest checkpoint.',
  },
};

/** How every status of an inpainting is shown. */

import {
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseOctagon,
  mdiFlash,
  mdiPlayCircle,
  mdiStopCircle,
} from '@mdi/js';
import type { InpaintingStatus } from '../../../shared/inpainting.ts';
import type { StatusLook } from '../ui/statusLook.ts';

export const inpaintingLook: Readonly<Record<InpaintingStatus, StatusLook>> = {
  waiting: {
    icon: mdiClockOutline,
    colour: 'secondary',
    word: 'waiting',
    meaning: 'Starts when the pictures before it are done.',
  },
  running: { icon: mdiPlayCircle, colour: 'primary', word: 'running', meaning: 'Is being computed now.' },
  finished: { icon: mdiCheckCircle, colour: 'success', word: 'finished', meaning: 'Its result is there.' },
  failed: {
    icon: mdiCloseOctagon,
    colour: 'error',
    word: 'failed',
    meaning: 'It could not be computed; the reason stands in it.',
  },
  cancelled: {
    icon: mdiStopCircle,
    colour: 'secondary',
    word: 'cancelled',
    meaning: 'Ended by you; it can be started again.',
  },
  interrupted: {
    icon: mdiFlash,
    colour: 'warning',
    word: 'interrupted',
    meaning: 'The application ended before it was done; it can be started again.',
  },
};

/** The pictures of an imported run that stayed on the machine it came from: nothing to open, but a reason to give. */

import { explainElsewhere } from '../../shared/dataset.ts';
import type { Dataset } from './dataset.ts';

/** @throws Error saying what the pictures were called and how others are chosen. */
export function openElsewhere(_source: string, name: string | undefined): Promise<Dataset> {
  return Promise.reject(new Error(explainElsewhere(name ?? '')));
}

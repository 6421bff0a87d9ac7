/** The paths a configuration can name. */

import type { PathConfig } from '../../../shared/config.ts';
import { linearPath } from './linear.ts';
import type { Path } from './path.ts';

export const paths: Readonly<Record<PathConfig['kind'], Path>> = {
  linear: linearPath,
};

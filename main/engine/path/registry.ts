/** The paths a configuration can name. */

import type { PathConfig } from '../../../shared/config/config.ts';
import { cosinePath } from './cosine.ts';
import { linearPath } from './linear.ts';
import type { Path } from './path.ts';
import { variancePreservingPath } from './variancePreserving.ts';

export const paths: Readonly<Record<PathConfig['kind'], Path>> = {
  linear: linearPath,
  cosine: cosinePath,
  'variance-preserving': variancePreservingPath,
};

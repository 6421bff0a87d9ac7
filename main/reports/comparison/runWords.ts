/** What is known of a run's training, in words: a run whose database was lost keeps its steps, but not what took them. */

import { formatDevice, formatDuration } from '../../../shared/text/format.ts';
import type { RunSummary } from '../../../shared/runList.ts';

export function describeDevice({ backend, step }: RunSummary): string {
  if (backend) return formatDevice(backend);
  return step > 0 ? 'not known' : 'not started';
}

export function describeTraining({ processSeconds, step }: RunSummary): string {
  return processSeconds === 0 && step > 0 ? 'not known' : formatDuration(processSeconds);
}

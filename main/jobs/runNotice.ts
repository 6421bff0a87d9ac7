/** How a job ended, as something to tell the user. */

import type { Notice } from '../../shared/appInfo.ts';
import { formatDecibels } from '../../shared/pure/format.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { StoredEvaluation } from '../store/evaluations.ts';

/** null: the user ended it, and knows. */
export function noticeOfTraining(run: RunRecord): Notice | null {
  const { id: runId, name, status, error, step, bestPsnr } = run;
  if (status === 'finished') {
    const best = bestPsnr === null ? '' : `, best ${formatDecibels(bestPsnr)}`;
    return { level: 'success', message: `“${name}” has finished: ${step} steps${best}.`, runId };
  }
  if (error === null) return null;
  return { level: status === 'paused' ? 'warning' : 'error', message: `“${name}”: ${error}`, runId };
}

/** Names the best row of the field. */
export function noticeOfEvaluation({ name }: RunRecord, { runId, rows }: StoredEvaluation): Notice {
  const psnrOf = (psnr: number | null): number => psnr ?? Infinity;
  const [best] = rows
    .filter(({ nfe }) => nfe > 0)
    .sort((one, other) => psnrOf(other.psnr) - psnrOf(one.psnr));
  const found = best ? `: ${best.method}, ${formatDecibels(best.psnr)}` : '';
  return { level: 'success', message: `“${name}” is evaluated${found}.`, runId };
}

/** How a job ended, as something to tell the user. */

import type { Notice } from '../../shared/appInfo.ts';
import { describeBest, formatDecibels, formatPlural } from '../../shared/text/format.ts';
import { hasNearlyExact, pooledPsnr } from '../../shared/numbers/psnrMean.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { StoredEvaluation } from '../store/evaluations.ts';

/** null: the user ended it, and knows. */
export function noticeOfTraining(run: RunRecord): Notice | null {
  const { id: runId, name, status, error, step, bestPsnr } = run;
  if (status === 'finished') {
    const best = bestPsnr === null ? '' : `, ${describeBest(bestPsnr)}`;
    return {
      level: 'success',
      message: `“${name}” has finished: ${formatPlural(step, 'step')}${best}.`,
      runId,
    };
  }
  if (error === null) return null;
  return { level: status === 'paused' ? 'warning' : 'error', message: `“${name}”: ${error}`, runId };
}

/** Names the best row of the field. */
export function noticeOfEvaluation({ name }: RunRecord, { runId, rows }: StoredEvaluation): Notice {
  const own = rows.filter(({ nfe }) => nfe > 0);
  const isBounded = hasNearlyExact(own);
  const quality = (row: (typeof own)[number]) => (isBounded ? pooledPsnr(row) : (row.psnr ?? -Infinity));
  const best = own.reduce<(typeof own)[number] | null>(
    (winner, row) => (winner === null || quality(row) > quality(winner) ? row : winner),
    null,
  );
  const found = best ? `: ${best.method}, ${describeMean(best)}` : '';
  return { level: 'success', message: `“${name}” is evaluated${found}.`, runId };
}

function describeMean({ psnr, exactImages }: StoredEvaluation['rows'][number]): string {
  if (psnr === Infinity) return 'every image exact';
  return exactImages
    ? `${formatDecibels(psnr)} and ${formatPlural(exactImages, 'exact image')}`
    : formatDecibels(psnr);
}

/** What the pictures of a comparison come from, for the files they are saved in. */

import type { ComparedRun } from '../../../shared/comparison.ts';
import { checkpointSha256, type FigureOrigin } from '../../../shared/figureOrigin.ts';
import type { ComparisonOfRuns } from '../../../shared/pure/comparisonOfRuns.ts';
import { describeSource } from '../../../shared/pure/sourceWords.ts';

/** Where the data lie is nobody else's business: the protocol names them alone. */
export function describeFigure(
  runs: readonly ComparedRun[],
  comparison: ComparisonOfRuns | null,
): Pick<FigureOrigin, 'runs' | 'protocol' | 'inpaintings'> {
  const protocol = comparison?.evaluation.protocol;
  return {
    runs: (comparison?.chosen ?? []).map(({ runId, step, method }) => {
      const run = runs.find(({ summary }) => summary.id === runId);
      const sha256 = checkpointSha256(run?.checkpoints ?? [], step);
      return { runId, name: run?.summary.name ?? runId, step, method, checkpointSha256: sha256 };
    }),
    protocol: protocol ? { ...protocol, source: describeSource(protocol.source) } : null,
    inpaintings: [],
  };
}

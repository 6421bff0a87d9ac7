/** The origin of the images of a comparison, stored in the files they are saved to. */

import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { checkpointSha256, type FigureOrigin, type FigureRun } from '../../../shared/figureOrigin.ts';
import type { ComparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { sourceWithoutFolders } from '../../../shared/dataset.ts';
import type { ShownState } from './pathVersions.ts';

type ComparedOrigin = Pick<FigureOrigin, 'runs' | 'protocol' | 'inpaintings'>;

/** The protocol contains only the name of the dataset, because its location is private. */
export function describeFigure(
  runs: readonly ComparedRun[],
  comparison: ComparisonOfRuns | null,
): ComparedOrigin {
  const protocol = comparison?.evaluation.protocol;
  return {
    runs: (comparison?.chosen ?? []).map(({ runId, step, method }) =>
      describeRun(runs, { runId, step, method }),
    ),
    protocol: protocol ? { ...protocol, source: sourceWithoutFolders(protocol.source) } : null,
    inpaintings: [],
  };
}

/** Describes previews; a run whose step is null has none yet. */
export function describePreviews(
  runs: readonly ComparedRun[],
  shown: readonly { readonly runId: string; readonly step: number | null }[],
): ComparedOrigin {
  return {
    runs: shown.flatMap(({ runId, step }) =>
      step === null ? [] : [describeRun(runs, { runId, step, method: null })],
    ),
    protocol: null,
    inpaintings: [],
  };
}

/** Describes intermediate states of samples, each with its own time. */
export function describeStates(
  runs: readonly ComparedRun[],
  comparison: ComparisonOfRuns | null,
  shown: readonly ShownState[],
): ComparedOrigin {
  return {
    ...describeFigure(runs, comparison),
    runs: shown.map(({ runId, step, method, state }) => ({
      ...describeRun(runs, { runId, step, method }),
      time: state.time,
    })),
  };
}

function describeRun(
  runs: readonly ComparedRun[],
  { runId, step, method }: Pick<FigureRun, 'runId' | 'step' | 'method'>,
): FigureRun {
  const run = runs.find(({ summary }) => summary.id === runId);
  const sha256 = checkpointSha256(run?.checkpoints ?? [], step);
  return { runId, name: run?.summary.name ?? runId, step, method, checkpointSha256: sha256 };
}

/** Intermediate states of the samples of several runs: each at the requested time, or the nearest one before it. */

import {
  evaluationSheetPath,
  type ComparedEvaluation,
  type ComparedRun,
  type ImageSheets,
} from '../../../shared/comparison/comparison.ts';
import {
  uniqueNames,
  type ComparisonOfRuns,
  type RunRow,
} from '../../../shared/comparison/comparisonOfRuns.ts';
import { withCommon, type SheetVersion } from './sheetVersions.ts';

/** The path of a run's sample. */
export interface RunPath extends Pick<RunRow, 'runId' | 'evaluationId' | 'step' | 'result' | 'method'> {
  readonly imageSheets: ImageSheets;
}

export interface PathState {
  /** Time along the path, 0 to 1. */
  readonly time: number;
  /** Path of the sheet below the media root. */
  readonly path: string;
}

/** Returns a path for each run with stored states: of its chosen result, or of the first result that has states. */
export function pathsOfRuns(runs: readonly ComparedRun[], { rows }: ComparisonOfRuns): RunPath[] {
  return runs.flatMap(({ summary, evaluations }) => {
    const own = rows.filter(({ runId }) => runId === summary.id);
    const inOrder = [...own.filter(({ isChosen }) => isChosen), ...own];
    const paths = inOrder.flatMap((row) => pathOf(row, evaluations));
    return paths.slice(0, 1);
  });
}

function pathOf(
  { runId, evaluationId, step, result, method }: RunRow,
  evaluations: readonly ComparedEvaluation[],
): RunPath[] {
  const imageSheets = evaluations.find(({ id }) => id === evaluationId)?.imageSheets;
  if (!imageSheets?.states.some((state) => state.method === method)) return [];
  return [{ runId, evaluationId, step, result, method, imageSheets }];
}

/** Returns the states of an image with ascending times; an image without a new state repeats the previous one. */
function statesOf({ runId, evaluationId, method, imageSheets }: RunPath, image: number): PathState[] {
  return imageSheets.states
    .filter((state) => state.method === method)
    .map(({ times, sheet }) => ({
      time: times.length === 1 ? times[0] : (times[image] ?? 0),
      path: evaluationSheetPath(runId, evaluationId, sheet),
    }));
}

/** Returns all times at which any run has a state of the image, ascending. */
export function timesOfAll(paths: readonly RunPath[], image: number): number[] {
  const times = paths.flatMap((path) => statesOf(path, image).map(({ time }) => time));
  return [...new Set(times)].sort((one, other) => one - other);
}

/** Returns null if all states come later. */
function stateAtOrBefore(states: readonly PathState[], time: number): PathState | null {
  return states.findLast((state) => state.time <= time) ?? null;
}

export interface ShownState extends RunPath {
  readonly state: PathState;
}

/** Returns the state of each run at the time, or the nearest one before it. */
export function statesAt(
  paths: readonly RunPath[],
  { image, time }: { readonly image: number; readonly time: number },
): ShownState[] {
  return paths.flatMap((path) => {
    const state = stateAtOrBefore(statesOf(path, image), time);
    return state ? [{ ...path, state }] : [];
  });
}

/** Returns truth, known pixels, the state of each run with its actual time and sampler, then the classical methods. */
export function pathVersions(
  states: readonly ShownState[],
  from: {
    readonly runs: readonly ComparedRun[];
    readonly comparison: ComparisonOfRuns;
    /** Formats a time. */
    readonly describe: (time: number) => string;
  },
): SheetVersion[] {
  const [source] = states;
  const names = uniqueNames(from.runs);
  const results = states.map(({ runId, result, imageSheets, state }) => ({
    // Narrow panes truncate the end of the title.
    title: `${names.get(runId) ?? runId}, ${from.describe(state.time)} · ${result}`,
    runId,
    value: `run:${runId}`,
    path: state.path,
    imageSheets,
  }));
  return states.length === 0 ? [] : withCommon(results, { ...from, source });
}

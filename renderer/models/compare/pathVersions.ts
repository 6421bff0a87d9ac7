/** The states of samples on their way, one run beside another: each at the time asked for, or the nearest before it. */

import {
  evaluationSheetPath,
  type ComparedEvaluation,
  type ComparedRun,
  type EvaluationPictures,
} from '../../../shared/comparison/comparison.ts';
import {
  uniqueNames,
  type ComparisonOfRuns,
  type RunRow,
} from '../../../shared/comparison/comparisonOfRuns.ts';
import { withCommon, type SheetVersion } from './sheetVersions.ts';

/** The way of a run's sample. */
export interface RunPath extends Pick<RunRow, 'runId' | 'evaluationId' | 'step' | 'result' | 'method'> {
  readonly pictures: EvaluationPictures;
}

export interface PathState {
  /** Where along the path this image stands. */
  readonly time: number;
  /** Of the sheet, below the media root. */
  readonly path: string;
}

/** Of each run that has kept states those of the result that stands for it, or else of the first that has some. */
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
  const pictures = evaluations.find(({ id }) => id === evaluationId)?.pictures;
  if (!pictures?.states.some((state) => state.method === method)) return [];
  return [{ runId, evaluationId, step, result, method, pictures }];
}

/** The states of an image, their times ascending; one that has no new state at a place has the one before twice. */
function statesOf({ runId, evaluationId, method, pictures }: RunPath, image: number): PathState[] {
  return pictures.states
    .filter((state) => state.method === method)
    .map(({ times, sheet }) => ({
      time: times.length === 1 ? times[0] : (times[image] ?? 0),
      path: evaluationSheetPath(runId, evaluationId, sheet),
    }));
}

/** Every time at which one of the runs has a state of the image, ascending. */
export function timesOfAll(paths: readonly RunPath[], image: number): number[] {
  const times = paths.flatMap((path) => statesOf(path, image).map(({ time }) => time));
  return [...new Set(times)].sort((one, other) => one - other);
}

/** null: all of them come later. */
function stateAtOrBefore(states: readonly PathState[], time: number): PathState | null {
  return states.findLast((state) => state.time <= time) ?? null;
}

export interface ShownState extends RunPath {
  readonly state: PathState;
}

/** Of each run its state at the time or the nearest before it. */
export function statesAt(
  paths: readonly RunPath[],
  { image, time }: { readonly image: number; readonly time: number },
): ShownState[] {
  return paths.flatMap((path) => {
    const state = stateAtOrBefore(statesOf(path, image), time);
    return state ? [{ ...path, state }] : [];
  });
}

/** Truth, known pixels, the state of each run with its true time and by which sampler, then the classical methods. */
export function pathVersions(
  states: readonly ShownState[],
  from: {
    readonly runs: readonly ComparedRun[];
    readonly comparison: ComparisonOfRuns;
    /** A time in words. */
    readonly describe: (time: number) => string;
  },
): SheetVersion[] {
  const [source] = states;
  const names = uniqueNames(from.runs);
  const results = states.map(({ runId, result, pictures, state }) => ({
    // A narrow pane cuts what comes last.
    title: `${names.get(runId) ?? runId}, ${from.describe(state.time)} · ${result}`,
    ...{ runId, value: `run:${runId}`, path: state.path, pictures },
  }));
  return states.length === 0 ? [] : withCommon(results, { ...from, source });
}

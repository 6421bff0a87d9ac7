/** The images of a comparison: which sheet contains each version, and the position of an image on it. */

import {
  evaluationSheetPath,
  type ComparedRun,
  type ImageSheets,
} from '../../../shared/comparison/comparison.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import type { ComparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import type { ImageArea } from '../images/rasterImage.ts';
import type { VersionChoice } from '../images/inspectorChoices.ts';

export interface RunVersion extends VersionChoice {
  /** null: truth, known pixels, or a classical method. */
  readonly runId: string | null;
  /** Why there is no image. */
  readonly missing?: string;
}

export interface SheetVersion extends RunVersion {
  /** Path of the sheet below the media root. */
  readonly path: string;
  readonly imageSheets: ImageSheets;
}

/** Returns truth, known pixels, the result of each run, then the classical methods; empty if no evaluation stored images. */
export function sheetVersions(runs: readonly ComparedRun[], comparison: ComparisonOfRuns): SheetVersion[] {
  const results = comparison.chosen.flatMap(({ runId, evaluationId, method, row }) => {
    const version = versionOf(runs, { runId, evaluationId, sheet: method, row });
    return version ? [{ ...version, value: `run:${runId}`, title: row.method, runId }] : [];
  });
  const first = results.at(0);
  const source = comparison.chosen.find(({ runId }) => runId === first?.runId);
  if (!first || !source) return [];
  return withCommon(results, { runs, comparison, source });
}

/** Adds the versions that all runs have in common: truth and known pixels before the results, classical methods after them. */
export function withCommon(
  results: readonly SheetVersion[],
  from: {
    readonly runs: readonly ComparedRun[];
    readonly comparison: ComparisonOfRuns;
    /** The evaluation whose sheets are used for the common versions. */
    readonly source: Pick<SheetPlace, 'runId' | 'evaluationId'>;
  },
): SheetVersion[] {
  const { runs, comparison, source } = from;
  const common = (sheet: string, title: string) => {
    const { runId, evaluationId } = source;
    const version = versionOf(runs, { runId, evaluationId, sheet });
    return version ? [{ ...version, value: sheet, title, runId: null }] : [];
  };
  const classical = comparison.evaluation.rows.filter(({ nfe }) => nfe === 0);
  return [
    ...common('truth', 'Truth'),
    ...common('known', 'Known pixels'),
    ...results,
    ...classical.flatMap(({ method }) => common(method, method)),
  ];
}

/** Returns the number of images that all versions show. */
export function countImages(versions: readonly Pick<SheetVersion, 'imageSheets'>[]): number {
  return versions.length === 0 ? 0 : Math.min(...versions.map(({ imageSheets }) => imageSheets.images));
}

export function areaOf({ columns, imageSize }: ImageSheets, image: number): ImageArea {
  return {
    x: (image % columns) * imageSize,
    y: Math.floor(image / columns) * imageSize,
    width: imageSize,
    height: imageSize,
  };
}

interface SheetPlace {
  readonly runId: string;
  readonly evaluationId: number;
  /** Name of the sheet in `ImageSheets.sheets`. */
  readonly sheet: string;
  /** The row of the sheet, if several sheets of a method differ in steps or samples. */
  readonly row?: EvaluationRow;
}

function versionOf(runs: readonly ComparedRun[], { runId, evaluationId, sheet, row }: SheetPlace) {
  const run = runs.find(({ summary }) => summary.id === runId);
  const evaluation = run?.evaluations.find(({ id }) => id === evaluationId);
  const imageSheets = evaluation?.imageSheets;
  if (!imageSheets) return null;
  const places = imageSheets.sheets.flatMap((name, index) => (name === sheet ? [index] : []));
  const rows = evaluation.rows.filter(({ method }) => method === sheet);
  const position = rows.findIndex(
    ({ solver, solverSteps, samples }) =>
      solver === row?.solver && solverSteps === row?.solverSteps && samples === row?.samples,
  );
  const index = places.at(Math.max(0, position));
  return index === undefined ? null : { path: evaluationSheetPath(runId, evaluationId, index), imageSheets };
}

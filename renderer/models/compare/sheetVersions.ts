/** The pictures of a comparison: which sheet holds each version, and where an image stands on it. */

import {
  evaluationSheetPath,
  type ComparedRun,
  type EvaluationPictures,
} from '../../../shared/comparison/comparison.ts';
import type { EvaluationRow } from '../../../shared/metric.ts';
import type { ComparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import type { Area } from '../images/rasterImage.ts';
import type { VersionChoice } from '../images/versionNames.ts';

export interface RunVersion extends VersionChoice {
  /** null: truth, known pixels, or a classical method. */
  readonly runId: string | null;
}

export interface SheetVersion extends RunVersion {
  /** Of the sheet, below the media root. */
  readonly path: string;
  readonly pictures: EvaluationPictures;
}

/** Truth, known pixels, the result of each run, then the classical methods; empty where no evaluation kept pictures. */
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

/** Results between what all of them have: truth and known pixels before, classical methods behind. */
export function withCommon(
  results: readonly SheetVersion[],
  from: {
    readonly runs: readonly ComparedRun[];
    readonly comparison: ComparisonOfRuns;
    /** The evaluation whose sheets stand for those of all. */
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

/** Images that all of them show. */
export function countImages(versions: readonly Pick<SheetVersion, 'pictures'>[]): number {
  return versions.length === 0 ? 0 : Math.min(...versions.map(({ pictures }) => pictures.images));
}

export function areaOf({ columns, imageSize }: EvaluationPictures, image: number): Area {
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
  /** As `EvaluationPictures.sheets` names it. */
  readonly sheet: string;
  /** Whose sheet it is, where several of one method differ in their steps or samples. */
  readonly row?: EvaluationRow;
}

function versionOf(runs: readonly ComparedRun[], { runId, evaluationId, sheet, row }: SheetPlace) {
  const run = runs.find(({ summary }) => summary.id === runId);
  const evaluation = run?.evaluations.find(({ id }) => id === evaluationId);
  const pictures = evaluation?.pictures;
  if (!pictures) return null;
  const places = pictures.sheets.flatMap((name, index) => (name === sheet ? [index] : []));
  const rows = evaluation.rows.filter(({ method }) => method === sheet);
  const turn = rows.findIndex(
    ({ solver, solverSteps, samples }) =>
      solver === row?.solver && solverSteps === row?.solverSteps && samples === row?.samples,
  );
  const index = places.at(Math.max(0, turn));
  return index === undefined ? null : { path: evaluationSheetPath(runId, evaluationId, index), pictures };
}

/** The same image in the previews of several runs, each at the step it had reached. */

import type { RunPreviews } from '../../../shared/comparison/comparison.ts';
import { formatCount } from '../../../shared/text/format.ts';
import type { PreviewRow } from '../images/previewRows.ts';
import { hasSamePixels, type RasterImage } from '../images/rasterImage.ts';
import type { RunVersion } from './sheetVersions.ts';

/** A run's preview at the requested step, or the nearest one before it. */
export interface RunPreview {
  readonly runId: string;
  readonly name: string;
  /** null: the run has no preview that early. */
  readonly step: number | null;
  /** null: not loaded, or does not show this image. */
  readonly row: PreviewRow | null;
  /** Whether its previews are loaded and do not show this image. */
  readonly hasOtherImages?: boolean;
}

/** Returns all steps at which any run has a preview, ascending. */
export function stepsOfAll(previews: readonly RunPreviews[]): number[] {
  return [...new Set(previews.flatMap(({ steps }) => steps))].sort((one, other) => one - other);
}

/** Returns the last of ascending `steps` that is not after `step`; null if all are later. */
export function stepAtOrBefore(steps: readonly number[], step: number): number | null {
  return steps.findLast((each) => each <= step) ?? null;
}

/** Returns the row of the same image; null if the run previews other images. */
export function findImage(rows: readonly PreviewRow[], truth: RasterImage): PreviewRow | null {
  return rows.find((row) => hasSamePixels(row.truth, truth)) ?? null;
}

export interface PreviewVersion extends RunVersion {
  readonly image: RasterImage | null;
}

/** Returns truth, known pixels (per run, if they differ), and the result of each run with its actual step. */
export function previewVersions(previews: readonly RunPreview[]): PreviewVersion[] {
  const shown = previews.flatMap(({ row, name }) => (row ? [{ row, name }] : []));
  const first = shown.at(0)?.row ?? null;
  const common = { runId: null };
  const others = shown.filter(({ row }) => first && !hasSamePixels(row.observed, first.observed));
  const isOne = others.length === 0;
  const firstName = shown.at(0)?.name ?? '';
  return [
    { ...common, value: 'truth', title: 'Truth', image: first?.truth ?? null },
    {
      ...common,
      value: 'known',
      image: first?.observed ?? null,
      title: isOne ? 'Known pixels' : `Known to ${firstName}`,
    },
    ...others.map(({ row, name }, index) => ({
      ...common,
      value: `known:${index}`,
      title: `Known to ${name}`,
      image: row.observed,
    })),
    ...previews.map(({ runId, name, step, row, hasOtherImages }) => ({
      runId,
      ...(step === null && { missing: 'No preview yet' }),
      ...(hasOtherImages && { missing: 'Its previews show other images: other data, or another size' }),
      value: `run:${runId}`,
      image: row?.result ?? null,
      title: `${name}, ${step === null ? 'no preview yet' : `step ${formatCount(step)}`}`,
    })),
  ];
}

/** The figure of a report: truth, observed pixels, the thin plate and the result of each run, one row per image. */

import sharp from 'sharp';
import type { ComparedEvaluation, ImageSheets } from '../../../shared/comparison/comparison.ts';
import { checkpointSha256, figureKeyword, type FigureOrigin } from '../../../shared/figureOrigin.ts';
import type { Image } from '../../../shared/images/image.ts';
import { describeObserved, type EvaluationRow } from '../../../shared/metric.ts';
import { defaultReference } from '../../../shared/comparison/comparisonTables.ts';
import { sortByGain } from '../../../shared/comparison/pairedStatistics.ts';
import { insertPngText } from '../../../shared/images/pngText.ts';
import { type FigureOptions, type FigureRow, renderFigure, unobservedBackground } from '../figure.ts';
import type { GatheredComparison } from './gatherComparison.ts';
import { pairsOfRuns, type ReportModel } from './reportModel.ts';
import type { ReportFigure } from './reportSections.ts';

/** Number of images from the start of the protocol, before those of the largest gain and loss. */
const firstImages = 4;

type ReadSheet = GatheredComparison['readSheet'];

/** One column of the figure and the sheet it is cut from. */
interface Column {
  readonly label: string;
  readonly imageSheets: ImageSheets;
  readonly sheet: Uint8Array;
  readonly row: EvaluationRow | null;
}

/** Renders the figure as PNG, or explains why there is none. @throws Error as `gatherFigure`. */
export async function drawComparison(model: ReportModel, readSheet: ReadSheet): Promise<ReportFigure> {
  const { figure, note, origin } = await gatherFigure(model, readSheet);
  if (!figure) return { png: null, note };
  return { png: insertPngText(await renderFigure(figure), figureKeyword, JSON.stringify(origin)), note };
}

/** The images of the figure, for any format. */
export interface GatheredFigure {
  /** null: there is none, and `note` explains why. */
  readonly figure: FigureOptions | null;
  readonly note: string;
  readonly origin: ReturnType<typeof describeOrigin> | null;
}

/** Cuts the images of the figure from the sheets. @throws Error when a sheet does not have the size in its evaluation. */
export async function gatherFigure(model: ReportModel, readSheet: ReadSheet): Promise<GatheredFigure> {
  const columns = findColumns(model, readSheet);
  if (columns.length < 3) {
    return {
      figure: null,
      note: 'These evaluations have no stored images. Evaluate the runs again to see their results side by side.',
      origin: null,
    };
  }
  const most = Math.min(...columns.map(({ imageSheets }) => imageSheets.images));
  const choices = chooseImages(model, most);
  const sheets = await Promise.all(columns.map(readPixels));
  const observed = model.group ? describeObserved(model.group.protocol) : '0 % observed';
  const rows = choices.map(({ image, kind }): FigureRow => {
    const [truth, known, ...results] = sheets.map((sheet) => cutImage(sheet, image));
    const label = [kind, `image ${image + 1}`].filter(Boolean).join(', ');
    return {
      label,
      truth,
      input: { image: known, caption: observed },
      results: results.map((result, index) => {
        const { label: heading, row } = columns[index + 2];
        return { label: heading, image: result, psnr: row?.perImage?.psnr[image] };
      }),
    };
  });
  const shown = { shown: columns.map(({ label }) => label), images: choices.map(({ image }) => image) };
  return {
    figure: { title: model.title, rows },
    note: noteOf(choices),
    origin: describeOrigin(model, shown),
  };
}

function findColumns(model: ReportModel, readSheet: ReadSheet): Column[] {
  const [first] = model.comparison?.chosen ?? [];
  if (!first) return [];
  const classical =
    model.comparison?.evaluation.rows.find(({ method }) => method === defaultReference) ?? null;
  const column = (place: { runId: string; evaluationId: number }, name: string, shown: Partial<Column>) => {
    const imageSheets = findEvaluation(model, place)?.imageSheets ?? null;
    const sheet = imageSheets ? imageSheets.sheets.indexOf(name) : -1;
    const bytes = sheet < 0 ? null : readSheet({ ...place, sheet });
    return imageSheets && bytes ? [{ label: name, row: null, ...shown, imageSheets, sheet: bytes }] : [];
  };
  const own = model.comparison?.chosen ?? [];
  const results = own.flatMap((chosen) =>
    column(chosen, chosen.method, { label: model.names.get(chosen.runId), row: chosen.row }),
  );
  if (results.length === 0) return [];
  return [
    ...column(first, 'truth', {}),
    ...column(first, 'known', { label: 'observed' }),
    ...column(first, defaultReference, { row: classical }),
    ...results,
  ];
}

function findEvaluation(
  { runs }: ReportModel,
  place: { runId: string; evaluationId: number },
): ComparedEvaluation | undefined {
  const run = runs.find(({ summary }) => summary.id === place.runId);
  return run?.evaluations.find(({ id }) => id === place.evaluationId);
}

interface Choice {
  /** From 0; shown from 1, as the page counts. */
  readonly image: number;
  /** Largest gain or loss of the second run against the first; null for an image that was not selected by its score. */
  readonly kind: 'gain' | 'loss' | null;
}

/** Chooses the first images, without selection by score, and the extremes of the second run against the first. */
function chooseImages(model: ReportModel, most: number): Choice[] {
  const usual = Array.from({ length: Math.min(firstImages, most) }, (_, image): Choice => {
    return { image, kind: null };
  });
  const [pair] = pairsOfRuns(model, 'psnr');
  if (!pair) return usual;
  const extreme = (kind: 'gain' | 'loss'): Choice[] => {
    const image = sortByGain(pair.statistics, kind).find(
      (candidate) => candidate < most && usual.every((choice) => choice.image !== candidate),
    );
    return image === undefined ? [] : [{ image, kind }];
  };
  return [...usual, ...extreme('gain'), ...extreme('loss')];
}

function noteOf(choices: readonly Choice[]): string {
  const first = choices.filter(({ kind }) => kind === null).length;
  const extremes =
    choices.length > first
      ? ' “gain” and “loss”: the other images on which the second run is the most above and below the first.'
      : '';
  return `The first ${first} images of the protocol, with the PSNR of each result; bold: the best of a row.${extremes}`;
}

interface Pixels {
  readonly values: Uint8Array;
  readonly width: number;
  readonly imageSheets: ImageSheets;
}

async function readPixels({ sheet, imageSheets, label }: Column): Promise<Pixels> {
  const { data, info } = await sharp(sheet)
    .flatten({ background: unobservedBackground })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const expected = imageSheets.columns * imageSheets.imageSize;
  if (info.width === expected && info.channels === 3) return { values: data, width: info.width, imageSheets };
  throw new Error(
    `The image sheet of "${label}" is ${info.width} pixels wide; expected ${expected}. Evaluate the run again.`,
  );
}

function cutImage({ values, width, imageSheets }: Pixels, image: number): Image {
  const { imageSize: size, columns } = imageSheets;
  const [left, top] = [(image % columns) * size, Math.floor(image / columns) * size];
  const cut = new Float32Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * width + left) * 3;
    for (let index = 0; index < size * 3; index++) cut[y * size * 3 + index] = values[start + index] / 255;
  }
  return { height: size, width: size, values: cut };
}

function describeOrigin(
  { version, createdAt, comparison, names, runs }: ReportModel,
  shown: Pick<FigureOrigin, 'shown' | 'images'>,
): FigureOrigin & { readonly createdAt: string } {
  return {
    ...shown,
    version,
    createdAt,
    protocol: comparison?.evaluation.protocol ?? null,
    inpaintings: [],
    runs: (comparison?.chosen ?? []).map(({ runId, step, method }) => {
      const checkpoints = runs.find(({ summary }) => summary.id === runId)?.checkpoints ?? [];
      const sha256 = checkpointSha256(checkpoints, step);
      return { runId, step, method, checkpointSha256: sha256, name: names.get(runId) ?? runId };
    }),
  };
}

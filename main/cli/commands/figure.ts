/** lab figure */

import { extname } from 'node:path';
import { middleQuery } from '../../../shared/method/mapCharts.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { Study, StudyImage } from '../../../shared/study.ts';
import { formatCsv } from '../../../shared/text/textTable.ts';
import { csvNumber } from '../../../shared/numbers/nonFinite.ts';
import { describeTime } from '../../../shared/text/timeRange.ts';
import { estimateStudy } from '../../ipc/requests/estimateTimes.ts';
import { planStudy } from '../../jobs/studyJob.ts';
import {
  type ChartFigure,
  type FigureFormat,
  figureFormats,
  pageOf,
  renderChartFigure,
} from '../../reports/chartFigure.ts';
import {
  calibrationFigure,
  curveFigure,
  mapsFigure,
  pathsFigure,
  sensitivityFigure,
  trajectoryFigure,
} from '../../reports/runFigures.ts';
import { printByChromium } from '../../runtime/chromium.ts';
import { measureSlowness } from '../../runtime/processorSpeed.ts';
import { readStudy, readStudyImage } from '../../store/files/studyFiles.ts';
import { writeFileAtomically } from '../../store/files/atomicFile.ts';
import { listEvaluations } from '../../store/runs/evaluations.ts';
import type { Store } from '../../store/store.ts';
import {
  type CommandDefinition,
  type Invocation,
  type OptionValues,
  readVersion,
  runArguments,
  suggestNearest,
  UsageError,
} from '../command.ts';
import { cacheFolder, findNamedRun, newestCheckpoint, withStore } from '../labStore.ts';
import { formatChoices, readFraction, readInteger, readPixel, readText, valueOption } from '../options.ts';
import { studyInProcess } from '../resultSession.ts';
import { checkOutFile } from '../typedPaths.ts';

const kinds = ['paths', 'trajectory', 'maps', 'sensitivity', 'calibration', 'curve', 'grid'] as const;
type Kind = (typeof kinds)[number];

/** Of a new study. */
const usualSamples = 8;
const usualTime = 0.5;

export const figure: CommandDefinition = {
  usage: '<kind> <run|preset> --out FILE [--test-image N] [--pixel X,Y] [--time T]',
  arguments: {
    '<kind>': `${formatChoices(kinds)}: the paths of a pixel; one pixel along a solution; the image with its speed, curvature and spread at a time; the known pixels that a prediction depends on and attends to; whether samples are calibrated; solvers against their cost; images side by side.`,
    ...runArguments,
  },
  options: {
    out: valueOption(
      'FILE',
      `File of the figure; its ending is its format: ${formatChoices(figureFormats)}.`,
    ),
    'test-image': valueOption(
      'N',
      'Number of the image in the test split, counted from 1 as in the application, for a trajectory, maps and sensitivity.',
      'the first that was studied, or 1',
    ),
    image: valueOption('N', 'Index of the image, counted from 0. No longer accepted: use --test-image.'),
    pixel: valueOption('X,Y', 'Pixel of the image, for the same figures.', 'hidden, near the middle'),
    time: valueOption('T', 'Time of the maps, from 0 (noise) to 1 (result).', String(usualTime)),
    samples: valueOption('N', 'Samples of each image of a new study.', String(usualSamples)),
  },
  positionals: { min: 2, max: 2 },
  run: (invocation) =>
    withStore(invocation, async (store) => {
      const { positionals, values, output } = invocation;
      const kind = readKind(positionals[0]);
      const { path, format } = readOut(readText(values, 'out'));
      const run = findNamedRun(store, positionals[1]);
      const bytes =
        kind === 'grid'
          ? await renderGrid(store, run, format)
          : await renderChartFigure(
              await drawCharts(kind, run, { store, invocation }),
              format,
              printByChromium,
            );
      writeFileAtomically({ ...path, bytes });
      const file = path.file;
      output.json({ run: run.id, kind, file });
      output.text(file);
      return 0;
    }),
};

function readKind(text: string): Kind {
  const kind = kinds.find((each) => each === text);
  if (kind) return kind;
  throw new UsageError(
    `No figure is called “${text}”${suggestNearest(text, kinds)}. Choose ${formatChoices(kinds)}.`,
  );
}

function readOut(out: string | undefined) {
  if (out === undefined) throw new UsageError('The file for the figure is missing. Add --out FILE.');
  const ending = extname(out).slice(1).toLowerCase();
  const format = figureFormats.find((each) => each === ending);
  if (!format)
    throw new UsageError(
      `--out: found ${ending === '' ? 'no ending' : `.${ending}`}; expected ${formatChoices(figureFormats.map((each) => `.${each}`))}. Give the file one of these endings.`,
    );
  return { path: checkOutFile(out), format };
}

interface Sources {
  readonly store: Store;
  readonly invocation: Invocation;
}

async function drawCharts(
  kind: Exclude<Kind, 'grid'>,
  run: RunRecord,
  { store, invocation }: Sources,
): Promise<ChartFigure> {
  const rows = () => listEvaluations(store.db, run.id).flatMap((evaluation) => evaluation.rows);
  switch (kind) {
    case 'paths':
      return pathsFigure(run);
    case 'calibration': {
      const measured = listEvaluations(store.db, run.id).find((evaluation) =>
        evaluation.rows.some(({ distribution }) => distribution !== null),
      );
      return calibrationFigure(run, measured?.rows ?? [], readStudy(store.runFolder(run.id)));
    }
    case 'curve': {
      const { study } = await findStudy(run, { store, invocation }, null);
      return curveFigure(run, study, rows());
    }
    case 'trajectory':
    case 'maps':
    case 'sensitivity':
      return drawImage(kind, run, { store, invocation });
  }
}

async function drawImage(
  kind: 'trajectory' | 'maps' | 'sensitivity',
  run: RunRecord,
  sources: Sources,
): Promise<ChartFigure> {
  const { values, output } = sources.invocation;
  const index = readImageIndex(values);
  const chosen = readPixel(values, 'pixel');
  const time = readFraction(values, 'time') ?? usualTime;
  const side = run.config.data.imageSize;
  if (chosen) checkPixel(chosen, { width: side, height: side });
  const { study, read } = await findStudy(run, sources, index);
  if (chosen) checkPixel(chosen, study);
  const image = index === null ? 0 : study.images.findIndex((one) => one.index === index);
  const arrays = read(image);
  const pixel = chosen ? chosen[1] * study.width + chosen[0] : middleQuery(arrays, study);
  if (kind === 'trajectory') return trajectoryFigure(run, study, { image, arrays, pixel });
  if (kind === 'maps') return mapsFigure(run, study, { arrays, pixel, state: nearest(study.times, time) });
  if (study.attentionTimes.length === 0)
    output.note('This network has no attention over the known pixels. The figure has sensitivities alone.');
  return sensitivityFigure(run, study, { arrays, pixel });
}

function nearest(times: readonly number[], time: number): number {
  const distances = times.map((at) => Math.abs(at - time));
  return distances.indexOf(Math.min(...distances));
}

/**
 * Returns the index of the chosen image, counted from 0; null if none was chosen.
 * @throws UsageError for the option of earlier versions, whose numbers mean other images.
 */
function readImageIndex(values: OptionValues): number | null {
  const old = readInteger(values, 'image', 0);
  if (old !== undefined)
    throw new UsageError(
      `--image ${old}: expected --test-image, which counts from 1 as the application does. For the same image as before, write --test-image ${old + 1}.`,
    );
  const number = readInteger(values, 'test-image', 1);
  return number === undefined ? null : number - 1;
}

/** Returns the stored study if it is one of the newest weights and has the image, and computes one otherwise. */
async function findStudy(
  run: RunRecord,
  { store, invocation: { values, output } }: Sources,
  index: number | null,
): Promise<{ study: Study; read: (image: number) => StudyImage }> {
  const folder = store.runFolder(run.id);
  const read = (image: number) => readStudyImage(folder, image);
  const stored = readStudy(folder);
  const hasImage = index === null || stored?.images.some((image) => image.index === index);
  if (stored && hasImage && stored.step === newestCheckpoint(store, run).step) return { study: stored, read };
  const images = [...new Set([...(index === null ? [] : [index]), 0, 1, 2, 3])].slice(0, 4);
  const samples = readInteger(values, 'samples', 2) ?? usualSamples;
  const planned = planStudy(store, run.id, { request: { images, samples }, cacheFolder: cacheFolder() });
  const sources = { db: store.db, report: null, slowness: measureSlowness };
  const { keepRatio } = planned.job.protocol;
  const work = { images: images.length, samples, keepRatio, earlier: stored };
  const time = estimateStudy(sources, run.config, work);
  output.note(`Time: ${describeTime(time)}. ${time.explanation}`);
  return { study: await studyInProcess(planned, output, { store, runId: run.id }), read };
}

/** @throws UsageError if images of this size lack the pixel. */
function checkPixel(
  [x, y]: readonly [number, number],
  { width, height }: Pick<Study, 'width' | 'height'>,
): void {
  if (x < width && y < height) return;
  throw new UsageError(
    `--pixel: found ${x},${y}; the images have ${width} × ${height} pixels, counted from 0,0. Choose one of them.`,
  );
}

/** Renders images of the newest evaluation side by side, or writes the PSNR of every image as CSV, counted from 1 as the application does. */
async function renderGrid(store: Store, run: RunRecord, format: FigureFormat): Promise<Uint8Array> {
  const evaluation = listEvaluations(store.db, run.id).find(({ imageSheets }) => imageSheets !== null);
  if (!evaluation)
    throw new Error(
      `Run ${run.id} "${run.name}" has no evaluation with images. Evaluate it first: lab evaluate ${run.id}.`,
    );
  if (format === 'csv') {
    const lines = evaluation.rows.flatMap(({ method, perImage }) =>
      (perImage?.psnr ?? []).map((value, image) => [String(image + 1), method, csvNumber(value)]),
    );
    return new TextEncoder().encode(formatCsv([['image', 'method', 'PSNR, dB'], ...lines]));
  }
  const [{ gatherComparison }, { createReportModel }, { drawComparison, gatherFigure }, { renderFigureSvg }] =
    await Promise.all([
      import('../../reports/comparison/gatherComparison.ts'),
      import('../../reports/comparison/reportModel.ts'),
      import('../../reports/comparison/comparisonFigure.ts'),
      import('../../reports/figure.ts'),
    ]);
  const { runs, readSheet } = await gatherComparison(store, [run.id]);
  const createdAt = new Date().toISOString();
  const model = createReportModel(runs, { title: run.name, question: '', version: readVersion(), createdAt });
  if (format === 'png') {
    const { png, note } = await drawComparison(model, readSheet);
    if (!png) throw new Error(note);
    return png;
  }
  const { figure: images, note } = await gatherFigure(model, readSheet);
  if (!images) throw new Error(note);
  const svg = await renderFigureSvg(images);
  return format === 'svg' ? new TextEncoder().encode(svg) : printByChromium(pageOf(svg));
}

/** One image of lab inpaint: decoded, masked, computed and written, unless its result is up to date. */

import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { countKnown, type Mask } from '../../../shared/images/mask.ts';
import { classicalMethods, type Provenance } from '../../../shared/inpainting.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { printable } from '../../../shared/text/escapeText.ts';
import { measureTouched } from '../../../shared/masks/holes.ts';
import { describeTime } from '../../../shared/text/timeRange.ts';
import type { EstimateJob, InpaintEvent, InpaintJob, InpaintedImage } from '../../compute/protocol.ts';
import type { PixelImage } from '../../datasets/areaResize.ts';
import {
  type DecodedImage,
  decodeImage,
  describeDecoding,
  describeTransparency,
} from '../../datasets/decodeImage.ts';
import { estimateInpainting, type SpeedSources } from '../../ipc/requests/estimateTimes.ts';
import {
  buildEstimateJob,
  buildInpaintJob,
  checkMask,
  checkResultSize,
  type InpaintJobParts,
  isTruthKnown,
} from '../../jobs/inpainting/inpaintingPlan.ts';
import type { AdvisedMask } from '../../jobs/inpainting/maskAdvice.ts';
import { imageIdOf, maskIdOf } from '../../jobs/inpainting/userImages.ts';
import type { RunCheckpoint } from '../../jobs/runCheckpoint.ts';
import { describeMissing, findPathKind } from '../../runtime/typedPath.ts';
import { checkStripSize, countStripSamples, renderStrip } from '../../reports/inpaintingStrip.ts';
import type { InpaintSession } from './session.ts';
import {
  assertReplaceable,
  deviationName,
  nameFiles,
  readOrigin,
  type ResultNumbers,
  sampleName,
  stripName,
  writeMarked,
  writeImage,
} from './resultFiles.ts';
import type { InpaintSettings } from './options.ts';
import { type InpaintRecord, isSameOrigin, type ResultsFolder } from './resultsFolder.ts';
import type { ImageFile, MaskFile, MaskFiles } from './inputs.ts';

/** The run that fills in images. */
export interface RunFiller {
  readonly run: RunRecord;
  readonly checkpoint: RunCheckpoint;
}

/** What all images of a call have in common. */
export interface Batch {
  /** null: the classical method of the settings fills in. */
  readonly filler: RunFiller | null;
  readonly settings: InpaintSettings;
  /** null: drawn by a law. */
  readonly masks: MaskFiles | null;
  readonly folder: string;
  readonly version: string;
  /** What estimates of time are made from. */
  readonly speeds: SpeedSources;
  /** Returns what is new to the run in the mask of an image; null: nothing. */
  readonly advise: (of: AdvisedMask) => string | null;
}

/** Returns the name of the run, or the title of the classical method. */
export function nameFiller({ filler, settings }: Pick<Batch, 'filler' | 'settings'>): string {
  const { method } = settings.request;
  return filler?.run.name ?? classicalMethods[method ?? 'biharmonic'].title;
}

/**
 * `result`: name of the file in the output folder. `record` is null if a result is up to date but its numbers are lost.
 */
export type ImageOutcome =
  | {
      readonly status: 'done' | 'up to date';
      readonly result: string;
      readonly record: InpaintRecord | null;
    }
  | { readonly status: 'interrupted' };

/** An image with the mask of a file; null: drawn by a law, or the transparent pixels. */
interface MaskedImage {
  readonly image: DecodedImage;
  readonly mask: MaskFile | null;
}

/** One image in progress. */
interface Subject {
  readonly source: ImageFile;
  /** Base name of its result files. */
  readonly name: string;
  readonly batch: Batch;
  readonly masked: MaskedImage;
  readonly origin: Provenance;
  /** Names of its result files, the result first. */
  readonly files: readonly string[];
}

/** @throws Error when the image cannot be read, its mask does not fit, or computing or writing fails. */
export async function inpaintFile(
  source: ImageFile,
  batch: Batch,
  work: {
    session: InpaintSession;
    label: string;
    note: (text: string) => void;
    results: ResultsFolder;
  },
): Promise<ImageOutcome> {
  const { settings, folder } = batch;
  const image = await decode(source, settings, work.note);
  checkSize(image, batch);
  const mask = (await batch.masks?.maskOf(source, work.note)) ?? null;
  if (mask) checkMask(mask, image);
  if (source.isOwnProduct) work.note(ownProductNote);
  const masked = { image, mask };
  const origin = describeOrigin(masked, batch, source);
  const name = chooseName(source, origin, work.results);
  const files = nameFiles(name, { samples: settings.request.samples, hasStrip: settings.hasStrip });
  const subject = { source, name, batch, masked, origin, files };
  const result = findUpToDate(subject, work.results);
  if (result !== null) return { status: 'up to date', result, record: work.results.of(result) };
  assertNotItself(subject);
  assertReplaceable(folder, files);
  const computed = await compute(subject, work);
  if (!computed) return { status: 'interrupted' };
  await writeResult(computed, subject);
  return { status: 'done', result: files[0], record: work.results.of(files[0]) };
}

const ownProductNote =
  'this program computed this image, so it is no ground truth: it is filled in again but not scored.';

/** Chooses another base name if the folder holds results of another image of the same name. */
function chooseName(source: ImageFile, origin: Provenance, results: ResultsFolder): string {
  const existing = results.of(`${source.name}.png`);
  const isOther =
    existing?.sourceKey !== undefined &&
    existing.sourceKey !== sourceKeyOf(source) &&
    existing.provenance.pictureId !== origin.pictureId;
  return isOther ? `${source.name}-${origin.pictureId.slice(0, 8)}` : source.name;
}

function sourceKeyOf({ file }: ImageFile): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16);
}

/** Returns the name of an up-to-date result with all its files, which may have been renamed; null if there is none. */
function findUpToDate({ source, batch, files, origin }: Subject, results: ResultsFolder): string | null {
  const { folder } = batch;
  const exist = (names: readonly string[]) => names.every((name) => existsSync(join(folder, name)));
  const written = exist(files) ? readOrigin(join(folder, files[0])) : null;
  if (written && isSameOrigin(written.provenance, origin)) return files[0];
  const renamed = results.find(basename(source.file), origin);
  return renamed && renamed.result !== files[0] && exist(files.slice(1)) ? renamed.result : null;
}

function checkSize({ width, height }: PixelImage, { settings, filler }: Batch): void {
  const { fit, scale } = settings.request;
  checkResultSize({ fit, scale }, { width, height });
  if (!settings.hasStrip) return;
  const side = fit === 'fit' ? filler?.run.config.data.imageSize : undefined;
  const size = side === undefined ? { width, height } : { width: side, height: side };
  checkStripSize({ width: scale * size.width, height: scale * size.height });
}

/** Transparent pixels are a hole to fill in, unless a background was given. */
async function decode(
  { file }: ImageFile,
  { background, request }: InpaintSettings,
  note: (text: string) => void,
): Promise<DecodedImage> {
  const found = findPathKind(file);
  if (found === null) throw new Error(`${describeMissing(file, 'file')} Check its name and folder.`);
  const image = await decodeImage(file, {
    background: background ?? 'white',
    mayShrink: request.fit === 'fit',
    advice:
      request.fit === 'fit'
        ? 'Save it smaller.'
        : 'Use --fit to reconstruct its centre square at the training size, or save it smaller.',
  }).catch((error: unknown) => {
    throw new Error(printable(describeError(error)).trim(), { cause: error });
  });
  for (const text of describeDecoding(image)) note(text);
  if (!image.opaque) return image;
  note(describeTransparency(image.opaque, { isHidden: background === null }));
  return background === null ? image : { ...image, opaque: null };
}

function describeOrigin(masked: MaskedImage, batch: Batch, source: ImageFile): Provenance {
  const { filler, settings, version } = batch;
  const { image } = masked;
  return {
    inpaintingId: null,
    ...(filler && {
      runId: filler.run.id,
      checkpointStep: filler.checkpoint.step,
      checkpointSha256: filler.checkpoint.sha256,
    }),
    runName: nameFiller(batch),
    pictureId: imageIdOf(image),
    mask: chooseMask(masked, batch).described,
    ...settings.request,
    truthIsKnown: isTruthKnown(settings.request, { isOpaque: image.opaque === null }) && !source.isOwnProduct,
    version,
  };
}

/** The mask of an image as its file describes it, and as the job takes it. */
function chooseMask(
  { image, mask }: MaskedImage,
  { settings }: Batch,
): { readonly described: Provenance['mask']; readonly used: InpaintJobParts['mask'] } {
  if (mask) return { described: { kind: 'painted', maskId: mask.id }, used: mask };
  const { opaque } = image;
  if (opaque && !settings.isMaskGiven) {
    const { width, height } = image;
    const used: Mask = { width, height, channels: 1, bits: opaque };
    return { described: { kind: 'painted', maskId: maskIdOf(used) }, used };
  }
  if (settings.mask.kind === 'drawn') return { described: settings.mask, used: settings.mask };
  throw new Error(`The mask ${settings.mask.file} was not read.`);
}

/** Compares resolved paths, so that a link to the image counts as the image. */
function assertNotItself({ source, batch, files }: Subject): void {
  for (const name of files) {
    const path = join(batch.folder, name);
    if (existsSync(path) && realpathSync(path) === realpathSync(source.file)) {
      throw new Error('would be overwritten by its own result. Choose another --out folder.');
    }
  }
}

/** A result and, with several samples and a strip, the samples that the strip shows. */
interface ComputedImage {
  readonly found: InpaintedImage;
  readonly samples: readonly Uint8Array[];
}

/** Computes the result and writes samples as they arrive. Returns null after Ctrl-C. */
async function compute(
  { name, batch, masked, origin }: Subject,
  { session, label, note }: { session: InpaintSession; label: string; note: (text: string) => void },
): Promise<ComputedImage | null> {
  const { filler, settings, folder } = batch;
  const { samples, method = 'biharmonic' } = settings.request;
  const writes: Promise<void>[] = [];
  const kept: Uint8Array[] = [];
  const onEvent = (event: InpaintEvent) => {
    if (event.type !== 'inpaintSample' || samples === 1) return;
    if (settings.hasStrip && kept.length < countStripSamples(samples, event.rows))
      kept.push(event.rows.pixels);
    const file = { folder, name: sampleName(name, event.sample), origin };
    const write = writeImage({ ...file, output: { part: 'sample', numbers: null } }, event.rows);
    // Awaited below; this keeps an earlier failure from being unhandled.
    write.catch(() => undefined);
    writes.push(write);
  };
  const parts = {
    id: name,
    image: masked.image,
    mask: chooseMask(masked, batch).used,
    request: { ...settings.request, truthIsKnown: origin.truthIsKnown },
  };
  const job = filler
    ? buildInpaintJob({ ...parts, config: filler.run.config, checkpoint: filler.checkpoint.path })
    : buildEstimateJob({ ...parts, method });
  const { scale, fit } = settings.request;
  const advice = batch.advise({ mask: job.mask, scale, isFitted: fit === 'fit' });
  if (advice !== null) note(advice);
  note(describeExpected(job, batch));
  const found = await session.compute(job, { label, onEvent });
  await Promise.all(writes);
  return found && { found, samples: kept };
}

/** `Time to the result: 2 to 5 s. From 3 earlier results with this network on this machine.` */
function describeExpected(job: InpaintJob | EstimateJob, { speeds }: Batch): string {
  const { scale } = job;
  const { width, height, channels, bits } = job.mask;
  const known = countKnown(job.mask) / bits.length;
  const image = {
    width: scale * width,
    height: scale * height,
    channels,
    known: known / scale ** 2,
    touched: scale > 1 ? 1 : measureTouched(job.mask),
  };
  const estimate = estimateInpainting(speeds, { ...job, image });
  return `Time to the result: ${describeTime(estimate)}. ${estimate.explanation}`;
}

/** Writes the result last, so that a new result implies that its other files are new. */
async function writeResult({ found, samples }: ComputedImage, subject: Subject): Promise<void> {
  const { height, width, deviation } = found;
  const { source, name, batch, origin, files } = subject;
  const { folder, settings } = batch;
  const describeFile = (file: string, part: 'result' | 'deviation' | 'strip') => ({
    folder,
    origin,
    name: file,
    output: { part, numbers: part === 'result' ? describeNumbers(found, subject) : null },
  });
  if (deviation) {
    await writeImage(describeFile(deviationName(name), 'deviation'), { height, width, pixels: deviation });
  }
  if (settings.hasStrip) {
    const title = `${basename(source.file)}, ${nameFiller(batch)}`;
    const drawn = { ...found, thinPlate: found.classical['thin-plate'] };
    const strip = await renderStrip(drawn, { title, hasTruth: hasTruth(origin), samples });
    writeMarked(describeFile(stripName(name), 'strip'), strip);
  }
  await writeImage(describeFile(files[0], 'result'), { height, width, pixels: found.result });
}

function describeNumbers(found: InpaintedImage, { source, masked, origin }: Subject): ResultNumbers {
  const { width, height, mask, observed, nfe, tiles, seconds, peakBytes, scores } = found;
  const hole = origin.mask.kind === 'painted' ? 'its opaque pixels' : null;
  return {
    name: basename(source.file),
    sourceKey: sourceKeyOf(source),
    mask: masked.mask?.name ?? hole,
    width,
    height,
    ...(mask.channels === 3 && { channels: 3 }),
    observed,
    nfe,
    tiles,
    seconds,
    peakBytes,
    scores: [...scores],
    hasTruth: hasTruth(origin),
  };
}

/** Enlarged images have no ground truth. */
function hasTruth({ truthIsKnown, scale }: Provenance): boolean {
  return truthIsKnown && scale === 1;
}

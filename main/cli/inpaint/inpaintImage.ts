/** One picture of lab inpaint: decoded, masked, computed, written; or left alone where its result is there. */

import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Provenance } from '../../../shared/inpainting.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import { printable } from '../../../shared/text/escapeText.ts';
import type { InpaintEvent, PictureInpainting } from '../../compute/protocol.ts';
import type { PixelImage } from '../../datasets/areaResize.ts';
import {
  type DecodedImage,
  decodeImage,
  describeDecoding,
  describeTransparency,
} from '../../datasets/decodeImage.ts';
import {
  buildInpaintJob,
  checkMask,
  checkResultSize,
  type InpaintJobParts,
  isTruthKnown,
} from '../../jobs/inpainting/inpaintingPlan.ts';
import { contentId, pictureIdOf } from '../../jobs/inpainting/imageFiles.ts';
import type { RunCheckpoint } from '../../jobs/runCheckpoint.ts';
import { describeMissing, lookAt } from '../../runtime/typedPath.ts';
import { checkStripSize, renderStrip } from './strip.ts';
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
  writePicture,
} from './resultFiles.ts';
import type { InpaintSettings } from './options.ts';
import { type InpaintRecord, isSameOrigin, type ResultsFolder } from './resultsFolder.ts';
import type { MaskFile, PictureFile } from './inputs.ts';

/** What is the same for all pictures of a call. */
export interface Batch {
  readonly run: RunRecord;
  readonly checkpoint: RunCheckpoint;
  readonly settings: InpaintSettings;
  readonly mask: MaskFile | null;
  readonly folder: string;
  readonly version: string;
}

/**
 * `result`: the name of the file in the output folder. `record` is null where an up-to-date result is there and its numbers
 * are not.
 */
export type PictureOutcome =
  | {
      readonly status: 'done' | 'up to date';
      readonly result: string;
      readonly record: InpaintRecord | null;
    }
  | { readonly status: 'interrupted' };

/** One picture on its way. */
interface Subject {
  readonly picture: PictureFile;
  /** What its files are called. */
  readonly name: string;
  readonly batch: Batch;
  readonly image: DecodedImage;
  readonly origin: Provenance;
  /** Names of its files, the result first. */
  readonly files: readonly string[];
}

/** @throws Error when the picture cannot be read, its mask does not fit, or computing or writing fails. */
export async function inpaintPicture(
  picture: PictureFile,
  batch: Batch,
  work: {
    session: InpaintSession;
    label: string;
    note: (text: string) => void;
    results: ResultsFolder;
  },
): Promise<PictureOutcome> {
  const { settings, folder } = batch;
  const image = await decode(picture, settings, work.note);
  checkSize(image, batch);
  if (batch.mask) checkMask(batch.mask, image);
  if (picture.isOwnProduct) work.note(ownProductNote);
  const origin = describeOrigin(image, batch, picture);
  const name = chooseName(picture, origin, work.results);
  const files = nameFiles(name, { samples: settings.request.samples, hasStrip: settings.hasStrip });
  const subject = { picture, name, batch, image, origin, files };
  const result = findUpToDate(subject, work.results);
  if (result !== null) return { status: 'up to date', result, record: work.results.of(result) };
  assertNotItself(subject);
  assertReplaceable(folder, files);
  const found = await compute(subject, work);
  if (!found) return { status: 'interrupted' };
  await writeResult(found, subject);
  return { status: 'done', result: files[0], record: work.results.of(files[0]) };
}

const ownProductNote =
  'it is an image that this program computed, so it is no truth to compare with: it is filled in again, and not scored.';

/** Another image of this name that was inpainted into the folder before keeps its files. */
function chooseName(picture: PictureFile, origin: Provenance, results: ResultsFolder): string {
  const there = results.of(`${picture.name}.png`);
  const isOther =
    there?.sourceKey !== undefined &&
    there.sourceKey !== sourceKeyOf(picture) &&
    there.provenance.pictureId !== origin.pictureId;
  return isOther ? `${picture.name}-${origin.pictureId.slice(0, 8)}` : picture.name;
}

function sourceKeyOf({ file }: PictureFile): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16);
}

/** The name of the result that is there already, with all its files; it may have been renamed since. null: there is none. */
function findUpToDate({ picture, batch, files, origin }: Subject, results: ResultsFolder): string | null {
  const { folder } = batch;
  const areThere = (names: readonly string[]) => names.every((name) => existsSync(join(folder, name)));
  const written = areThere(files) ? readOrigin(join(folder, files[0])) : null;
  if (written && isSameOrigin(written.provenance, origin)) return files[0];
  const renamed = results.find(basename(picture.file), origin);
  return renamed && renamed.result !== files[0] && areThere(files.slice(1)) ? renamed.result : null;
}

function checkSize({ width, height }: PixelImage, { settings, run }: Batch): void {
  const { fit, scale } = settings.request;
  checkResultSize({ fit, scale }, { width, height });
  if (!settings.hasStrip) return;
  const { imageSize } = run.config.data;
  const [right, down] = fit === 'fit' ? [imageSize, imageSize] : [width, height];
  checkStripSize({ width: scale * right, height: scale * down });
}

/** Transparent pixels are a hole unless a background was asked for. */
async function decode(
  { file }: PictureFile,
  { background, request }: InpaintSettings,
  note: (text: string) => void,
): Promise<DecodedImage> {
  const found = lookAt(file);
  if (found === null) throw new Error(`${describeMissing(file, 'file')} Check its name and folder.`);
  const image = await decodeImage(file, {
    background: background ?? 'white',
    mayShrink: request.fit === 'fit',
    advice:
      request.fit === 'fit'
        ? 'Save it smaller.'
        : 'Use --fit to reconstruct its centre square at the size of training, or save it smaller.',
  }).catch((error: unknown) => {
    throw new Error(printable(describeError(error)).trim(), { cause: error });
  });
  for (const text of describeDecoding(image)) note(text);
  if (!image.opaque) return image;
  note(describeTransparency(image.opaque, { isHidden: background === null }));
  return background === null ? image : { ...image, opaque: null };
}

function describeOrigin(image: DecodedImage, batch: Batch, picture: PictureFile): Provenance {
  const { run, checkpoint, settings, version } = batch;
  return {
    inpaintingId: null,
    runId: run.id,
    runName: run.name,
    checkpointStep: checkpoint.step,
    checkpointSha256: checkpoint.sha256,
    pictureId: pictureIdOf(image),
    mask: chooseMask(image, batch).described,
    ...settings.request,
    truthIsKnown:
      isTruthKnown(settings.request, { isOpaque: image.opaque === null }) && !picture.isOwnProduct,
    version,
  };
}

/** The mask of an image as its file describes it, and as the job takes it. */
function chooseMask(
  image: DecodedImage,
  { settings, mask }: Batch,
): { readonly described: Provenance['mask']; readonly used: InpaintJobParts['mask'] } {
  if (mask) return { described: { kind: 'painted', maskId: mask.id }, used: mask };
  const { opaque } = image;
  if (opaque && !settings.isMaskGiven) {
    const { width, height } = image;
    const used = { width, height, bits: opaque };
    return { described: { kind: 'painted', maskId: contentId(image, opaque) }, used };
  }
  if (settings.mask.kind === 'drawn') return { described: settings.mask, used: settings.mask };
  throw new Error(`The mask ${settings.mask.file} was not read.`);
}

/** A link or another spelling of the same file is the same file. */
function assertNotItself({ picture, batch, files }: Subject): void {
  for (const name of files) {
    const path = join(batch.folder, name);
    if (existsSync(path) && realpathSync(path) === realpathSync(picture.file)) {
      throw new Error('would be replaced by its own result. Choose another --out.');
    }
  }
}

/** Writes the samples as they come. null: Ctrl-C. */
async function compute(
  { name, batch, image, origin }: Subject,
  { session, label }: { session: InpaintSession; label: string },
): Promise<PictureInpainting | null> {
  const { run, checkpoint, settings, folder } = batch;
  const { samples } = settings.request;
  const writes: Promise<void>[] = [];
  const onEvent = (event: InpaintEvent) => {
    if (event.type !== 'inpaintSample' || samples === 1) return;
    const file = { folder, name: sampleName(name, event.sample), origin };
    const write = writePicture({ ...file, output: { part: 'sample', numbers: null } }, event.rows);
    // Awaited below; a failure before that is not unhandled.
    write.catch(() => undefined);
    writes.push(write);
  };
  const job = buildInpaintJob({
    id: name,
    config: run.config,
    checkpoint: checkpoint.path,
    image,
    mask: chooseMask(image, batch).used,
    request: { ...settings.request, truthIsKnown: origin.truthIsKnown },
  });
  const found = await session.compute(job, { label, onEvent });
  await Promise.all(writes);
  return found;
}

/** The result comes last: where it is new, the others are. */
async function writeResult(found: PictureInpainting, subject: Subject): Promise<void> {
  const { height, width, deviation } = found;
  const { picture, name, batch, origin, files } = subject;
  const { folder, settings } = batch;
  const placeOf = (file: string, part: 'result' | 'deviation' | 'strip') => ({
    ...{ folder, origin, name: file },
    output: { part, numbers: part === 'result' ? describeNumbers(found, subject) : null },
  });
  if (deviation) {
    await writePicture(placeOf(deviationName(name), 'deviation'), { height, width, pixels: deviation });
  }
  if (settings.hasStrip) {
    const title = `${basename(picture.file)}, ${batch.run.name}`;
    const strip = await renderStrip(found, { title, hasTruth: hasTruth(origin) });
    writeMarked(placeOf(stripName(name), 'strip'), strip);
  }
  await writePicture(placeOf(files[0], 'result'), { height, width, pixels: found.result });
}

function describeNumbers(found: PictureInpainting, { picture, batch, origin }: Subject): ResultNumbers {
  const { width, height, observed, nfe, tiles, seconds, peakBytes, scores } = found;
  const { mask } = batch.settings;
  const hole = origin.mask.kind === 'painted' ? 'its opaque pixels' : null;
  return {
    ...{ name: basename(picture.file), sourceKey: sourceKeyOf(picture) },
    mask: mask.kind === 'file' ? basename(mask.file) : hole,
    ...{ width, height, observed, nfe, tiles, seconds, peakBytes, scores: [...scores] },
    hasTruth: hasTruth(origin),
  };
}

/** An enlarged picture has none. */
function hasTruth({ truthIsKnown, scale }: Provenance): boolean {
  return truthIsKnown && scale === 1;
}

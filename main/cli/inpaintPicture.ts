/** One picture of lab inpaint: decoded, masked, computed, written; or left alone where its result is there. */

import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Provenance } from '../../shared/inpainting.ts';
import { printable } from '../../shared/pure/printable.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { InpaintEvent, InpaintJob, PictureInpainting } from '../compute/inpaintProtocol.ts';
import type { PixelImage } from '../datasets/areaResize.ts';
import { decodeImage, type DecodedImage, describeTransparency } from '../datasets/decodeImage.ts';
import { checkMask, checkResultSize, drawMaskFor } from '../jobs/inpaintingPlan.ts';
import { contentId, pictureIdOf } from '../jobs/pictureFiles.ts';
import type { RunCheckpoint } from '../jobs/runCheckpoint.ts';
import {
  assertReplaceable,
  deviationName,
  isUpToDate,
  nameFiles,
  sampleName,
  stripName,
  writeMarked,
  writePicture,
} from './inpaintFiles.ts';
import type { InpaintSettings } from './inpaintOptions.ts';
import { type InpaintRecord, isSameOrigin } from './inpaintResults.ts';
import type { InpaintSession } from './inpaintSession.ts';
import { checkStripSize, renderStrip } from './inpaintStrip.ts';
import type { PictureFile } from './listPictures.ts';
import type { MaskFile } from './maskFile.ts';

/** What is the same for all pictures of a call. */
export interface Batch {
  readonly run: RunRecord;
  readonly checkpoint: RunCheckpoint;
  readonly settings: InpaintSettings;
  readonly mask: MaskFile | null;
  readonly folder: string;
  readonly version: string;
}

/** `record` is null where an up-to-date result is there and its numbers are not. */
export type PictureOutcome =
  | { readonly status: 'done'; readonly record: InpaintRecord }
  | { readonly status: 'up to date'; readonly record: InpaintRecord | null }
  | { readonly status: 'interrupted' };

/** One picture on its way. */
interface Subject {
  readonly picture: PictureFile;
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
    earlier: InpaintRecord | undefined;
  },
): Promise<PictureOutcome> {
  const { settings, folder } = batch;
  const image = await decode(picture, settings, work.note);
  checkSize(image, batch);
  if (batch.mask) checkMask(batch.mask, image);
  const origin = describeOrigin(image, batch);
  const files = nameFiles(picture.name, { samples: settings.request.samples, hasStrip: settings.hasStrip });
  const subject = { picture, batch, image, origin, files };
  if (isUpToDate(folder, files, origin)) {
    const isKnown = work.earlier && isSameOrigin(work.earlier.provenance, origin);
    return { status: 'up to date', record: isKnown ? (work.earlier ?? null) : null };
  }
  assertNotItself(subject);
  assertReplaceable(folder, files);
  const found = await compute(subject, work);
  if (!found) return { status: 'interrupted' };
  await writeResult(found, subject);
  return { status: 'done', record: describeRecord(found, subject) };
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
  if (!existsSync(file)) throw new Error('there is no such file. Check its name.');
  const image = await decodeImage(file, {
    background: background ?? 'white',
    mayShrink: request.fit === 'fit',
    advice:
      request.fit === 'fit'
        ? 'Save it smaller.'
        : 'Use --fit to reconstruct its centre square at the size of training, or save it smaller.',
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(printable(reason).trim(), { cause: error });
  });
  for (const text of image.notes) note(text);
  if (!image.opaque) return image;
  note(describeTransparency(image.opaque, { isHidden: background === null }));
  return background === null ? image : { ...image, opaque: null };
}

function describeOrigin(image: DecodedImage, batch: Batch): Provenance {
  const { run, checkpoint, settings, version } = batch;
  return {
    inpaintingId: null,
    runId: run.id,
    runName: run.name,
    checkpointStep: checkpoint.step,
    checkpointSha256: checkpoint.sha256,
    pictureId: pictureIdOf(image),
    mask: maskOf(image, batch),
    ...settings.request,
    truthIsKnown: truthIsKnown(image, settings),
    version,
  };
}

function maskOf({ width, height, opaque }: DecodedImage, { settings, mask }: Batch): Provenance['mask'] {
  if (mask) return { kind: 'painted', maskId: mask.id };
  if (opaque && !settings.isMaskGiven)
    return { kind: 'painted', maskId: contentId({ width, height }, opaque) };
  return settings.mask.kind === 'drawn' ? settings.mask : { kind: 'painted', maskId: '' };
}

/** Nobody knows what was below transparent parts. */
function truthIsKnown({ opaque }: DecodedImage, { request }: InpaintSettings): boolean {
  return request.truthIsKnown && opaque === null;
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
  { picture, batch, image, origin }: Subject,
  { session, label }: { session: InpaintSession; label: string },
): Promise<PictureInpainting | null> {
  const { run, checkpoint, settings, folder } = batch;
  const { width, height, pixels, opaque } = image;
  const { fit, samples } = settings.request;
  const { imageSize } = run.config.data;
  const writes: Promise<void>[] = [];
  const onEvent = (event: InpaintEvent) => {
    if (event.type !== 'inpaintSample' || samples === 1) return;
    const name = sampleName(picture.name, event.sample);
    const write = writePicture({ folder, name, origin }, event.rows);
    // Awaited below; a failure before that is not unhandled.
    write.catch(() => undefined);
    writes.push(write);
  };
  const job: InpaintJob = {
    ...settings.request,
    id: picture.name,
    config: run.config,
    checkpoint: checkpoint.path,
    ...{ width, height, pixels, opaque },
    truthIsKnown: origin.truthIsKnown,
    mask: makeMask(image, batch, { fit, imageSize }),
  };
  const found = await session.compute(job, { label, onEvent });
  await Promise.all(writes);
  return found;
}

function makeMask(
  { width, height, opaque }: DecodedImage,
  { settings, mask }: Batch,
  { fit, imageSize }: { fit: InpaintJob['fit']; imageSize: number },
): Uint8Array {
  if (mask) return mask.bytes;
  if (opaque && !settings.isMaskGiven) return opaque;
  if (settings.mask.kind !== 'drawn') return new Uint8Array();
  return drawMaskFor(settings.mask, { picture: { width, height }, fit, imageSize });
}

/** The result comes last: where it is new, the others are. */
async function writeResult(found: PictureInpainting, { picture, batch, origin }: Subject): Promise<void> {
  const { height, width, deviation } = found;
  const { folder, settings } = batch;
  const place = { folder, origin };
  const write = (name: string, pixels: Uint8Array) =>
    writePicture({ ...place, name }, { height, width, pixels });
  if (deviation) await write(deviationName(picture.name), deviation);
  if (settings.hasStrip) {
    const title = `${basename(picture.file)}, ${batch.run.name}`;
    const strip = await renderStrip(found, { title, hasTruth: hasTruth(origin) });
    writeMarked({ ...place, name: stripName(picture.name) }, strip);
  }
  await write(`${picture.name}.png`, found.result);
}

function describeRecord(found: PictureInpainting, { picture, origin, files }: Subject): InpaintRecord {
  const { width, height, observed, nfe, tiles, seconds, peakBytes, scores } = found;
  return {
    ...{ name: picture.label, file: picture.file, files: [...files] },
    ...{ width, height, observed, nfe, tiles, seconds, peakBytes, scores: [...scores] },
    hasTruth: hasTruth(origin),
    provenance: origin,
  };
}

/** An enlarged picture has none. */
function hasTruth({ truthIsKnown, scale }: Provenance): boolean {
  return truthIsKnown && scale === 1;
}

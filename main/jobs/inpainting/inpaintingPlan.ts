/** An inpainting as it was asked for, checked, and as the compute process takes it. */

import { existsSync } from 'node:fs';
import { type DrawnMask, type InpaintingRequest, type PictureEntry } from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { drawPictureMask } from '../../../shared/images/pictureMask.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { InpaintJob } from '../../compute/protocol.ts';
import { checkpointPath, verifyCheckpoint } from '../../store/files/checkpointFile.ts';
import {
  findSameRequest,
  type NewInpainting,
  type StoredInpainting,
  updateInpainting,
  getMask,
  getPicture,
} from '../../store/inpaintings/inpaintings.ts';
import { getRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { hasTransparency, readMask, readPicture } from './imageFiles.ts';
import { requireCheckpoint } from '../runCheckpoint.ts';

type Size = Pick<PictureEntry, 'width' | 'height'>;
type Checkpoint = Pick<NewInpainting, 'checkpointStep' | 'checkpointSha256'>;

/** @throws Error when picture, mask or run are not there or do not fit, or the run has no checkpoint. */
export function planInpainting(store: Store, request: InpaintingRequest): NewInpainting {
  const { db } = store;
  const picture = getPicture(db, request.pictureId);
  const run = getRun(db, request.runId);
  if (request.mask.kind === 'painted') checkMask(getMask(db, request.mask.maskId), picture);
  checkResultSize(request, picture);
  // What is below transparent parts is nobody's truth.
  const truthIsKnown = request.truthIsKnown && !hasTransparency(store, picture);
  const planned = { ...request, truthIsKnown };
  return { picture, request: planned, runName: run.name, ...chooseCheckpoint(store, run, planned) };
}

/** Reads picture and mask. @throws Error when one of them, the run or its checkpoint is gone. */
export async function prepareJob(store: Store, entry: StoredInpainting): Promise<InpaintJob> {
  const { id, picture, request } = entry;
  const { config } = getRun(store.db, request.runId);
  const { fit, scale, solver, steps, samples, seed, truthIsKnown } = request;
  return {
    ...{ id, fit, scale, solver, steps, samples, seed, truthIsKnown, config },
    checkpoint: findPlannedCheckpoint(store, entry),
    width: picture.width,
    height: picture.height,
    ...(await readPicture(store, picture)),
    mask: await makeMask(store, entry, config.data.imageSize),
  };
}

/**
 * A mask drawn by a rule is drawn for what is computed: the small square where the picture is fitted to it, unless the
 * picture has as many pixels, because the mask's length tells which it is.
 */
export function drawMaskFor(
  { pattern, keepRatio, seed }: DrawnMask,
  { picture, fit, imageSize }: { picture: Size; fit: InpaintingRequest['fit']; imageSize: number },
): Uint8Array {
  const isOfSquare = fit === 'fit' && picture.width * picture.height !== imageSize ** 2;
  const { width, height } = isOfSquare ? { width: imageSize, height: imageSize } : picture;
  return drawPictureMask({ pattern, keepRatio, seed, width, height });
}

async function makeMask(
  store: Store,
  { picture, request }: Pick<StoredInpainting, 'picture' | 'request'>,
  imageSize: number,
): Promise<Uint8Array> {
  const { mask, fit } = request;
  if (mask.kind === 'painted') return readMask(store, getMask(store.db, mask.maskId));
  return drawMaskFor(mask, { picture, fit, imageSize });
}

/** @throws Error when the mask is of another size, or knows nothing. */
export function checkMask(mask: Size & { readonly observed: number }, picture: Size): void {
  checkMaskSize(mask, picture);
  if (mask.observed === 0)
    throw new Error('The mask has no known pixel, at least 1 is expected. Mark some as known.');
}

/** @throws Error when the mask is of another size. */
export function checkMaskSize(mask: Size, picture: Size): void {
  if (mask.width !== picture.width || mask.height !== picture.height) {
    throw new Error(
      `The mask has ${mask.width} × ${mask.height} pixels, the image ${picture.width} × ${picture.height}. Give a mask of the image’s size.`,
    );
  }
}

/** @throws Error when the result would be too large. */
export function checkResultSize(
  { fit, scale }: Pick<InpaintingRequest, 'fit' | 'scale'>,
  { width, height }: Size,
): void {
  const pixels = width * height * scale ** 2;
  if (fit === 'fit' || pixels <= imageLimits.fullPixels) return;
  throw new Error(
    `The result would have ${width * scale} × ${height * scale} pixels; at most ${imageLimits.fullPixels / 1e6} million are possible. Choose a smaller scale.`,
  );
}

/** An entry that was interrupted goes on with the checkpoint it named, where that is still there. */
function chooseCheckpoint(store: Store, run: RunRecord, request: InpaintingRequest): Checkpoint {
  const earlier = findSameRequest(store.db, request);
  if (earlier?.status === 'interrupted' && isStillThere(store, run, earlier)) {
    const { checkpointStep, checkpointSha256 } = earlier;
    return { checkpointStep, checkpointSha256 };
  }
  const { step, sha256 } = requireCheckpoint(store, run, 'an inpainting');
  return { checkpointStep: step, checkpointSha256: sha256 };
}

function isStillThere(store: Store, { id }: RunRecord, checkpoint: Checkpoint): boolean {
  try {
    const { sha256 } = verifyCheckpoint(checkpointPath(store.runFolder(id), checkpoint.checkpointStep));
    return sha256 === checkpoint.checkpointSha256;
  } catch {
    return false;
  }
}

/** A run that trains on may have removed the file while the entry waited: then its newest one is taken. */
function findPlannedCheckpoint(store: Store, { id, request, checkpointStep }: StoredInpainting): string {
  const planned = checkpointPath(store.runFolder(request.runId), checkpointStep);
  if (existsSync(planned)) return planned;
  const run = getRun(store.db, request.runId);
  const { path, step, sha256 } = requireCheckpoint(store, run, 'an inpainting');
  updateInpainting(store.db, id, { checkpointStep: step, checkpointSha256: sha256 });
  return path;
}

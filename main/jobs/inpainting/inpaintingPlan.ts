/** Checks a request for an inpainting and turns it into a job for the compute process. */

import { existsSync } from 'node:fs';
import type { RunConfig } from '../../../shared/config/config.ts';
import {
  type ClassicalMethod,
  classicalMethods,
  type DrawnMask,
  type InpaintingRequest,
  type ImageEntry,
  settingsOf,
  withSymmetries,
} from '../../../shared/inpainting.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import type { Mask, MaskChannels } from '../../../shared/images/mask.ts';
import { findChannelObstacle } from '../../../shared/config/maskProblem.ts';
import { countChannels, drawMask } from '../../../shared/masks/laws.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { EstimateJob, ImageJob, InpaintJob } from '../../compute/protocol.ts';
import { checkpointPath, verifyCheckpoint } from '../../store/files/checkpointFile.ts';
import {
  findSameRequest,
  type NewInpainting,
  type StoredInpainting,
  updateInpainting,
  getMask,
  getImage,
} from '../../store/inpaintings/inpaintings.ts';
import { getRun } from '../../store/runs/runs.ts';
import type { Store } from '../../store/store.ts';
import { requireCheckpoint } from '../runCheckpoint.ts';
import { hasTransparency, type ImagePixels, readMask, readImage, readMaskChannels } from './userImages.ts';

type Size = Pick<ImageEntry, 'width' | 'height'>;
type Checkpoint = Pick<NewInpainting, 'checkpointStep' | 'checkpointSha256'>;

/** @throws Error if image, mask or run are missing or do not fit, or the run has no checkpoint. */
export function planInpainting(store: Store, request: InpaintingRequest): NewInpainting {
  const { db } = store;
  const image = getImage(db, request.pictureId);
  const run = request.runId === undefined ? null : getRun(db, request.runId);
  const channels = checkPlannedMask(store, request.mask, image);
  if (run) checkReadable(run.config, { channels });
  checkResultSize(request, image);
  const truthIsKnown = isTruthKnown(request, { isOpaque: !hasTransparency(store, image) });
  const known = { ...request, truthIsKnown };
  if (run) {
    const planned = withSymmetries(known, run.config);
    return { image, request: planned, runName: run.name, ...chooseCheckpoint(store, run, planned) };
  }
  const runName = classicalMethods[request.method ?? 'biharmonic'].title;
  return { image, request: known, runName, checkpointStep: null, checkpointSha256: null };
}

/** Returns how many channels the mask of a request has. @throws Error if it is missing or does not fit the image. */
function checkPlannedMask(store: Store, mask: InpaintingRequest['mask'], image: Size): MaskChannels {
  if (mask.kind === 'drawn') return countChannels(settingsOf(mask));
  const entry = getMask(store.db, mask.maskId);
  checkMask(entry, image);
  return readMaskChannels(store, entry);
}

/** @throws Error if the network of a run cannot be given a mask of so many channels. */
function checkReadable({ field }: RunConfig, mask: Pick<Mask, 'channels'>): void {
  const obstacle = findChannelObstacle(field, mask);
  if (obstacle !== null) throw new Error(obstacle);
}

/** Reads the image and its mask. @throws Error when one of them, the run or its checkpoint is gone. */
export async function prepareJob(store: Store, entry: StoredInpainting): Promise<InpaintJob | EstimateJob> {
  const { id, image, request } = entry;
  const { width, height } = image;
  const { mask, runId, method } = request;
  const run = runId === undefined ? null : getRun(store.db, runId);
  const checkpoint = run && findPlannedCheckpoint(store, run, entry);
  const parts = {
    id,
    image: { width, height, ...(await readImage(store, image)) },
    mask: mask.kind === 'painted' ? await readMask(store, getMask(store.db, mask.maskId)) : mask,
    request,
  };
  if (run && checkpoint !== null) return buildInpaintJob({ ...parts, config: run.config, checkpoint });
  return buildEstimateJob({ ...parts, method: method ?? 'biharmonic' });
}

/** The image and mask of an inpainting, whether the page or the terminal requested it. */
interface ImageJobParts {
  readonly id: string;
  readonly image: Size & ImagePixels;
  /** A law to draw the mask by, or the mask. */
  readonly mask: DrawnMask | Mask;
}

/** Everything that a network fills in an image from. */
export interface InpaintJobParts extends ImageJobParts {
  readonly config: RunConfig;
  /** Absolute path of the checkpoint file. */
  readonly checkpoint: string;
  readonly request: Omit<InpaintingRequest, 'pictureId' | 'runId' | 'mask'>;
}

/** @throws Error if the network cannot be given the mask. */
export function buildInpaintJob({ config, checkpoint, request, ...parts }: InpaintJobParts): InpaintJob {
  const { fit, scale, solver, steps, samples, symmetries, seed, bounded, truthIsKnown } = request;
  const square = { width: config.data.imageSize, height: config.data.imageSize };
  const job = buildImageJob(parts, { size: fit === 'fit' ? square : parts.image, truthIsKnown });
  checkReadable(config, job.mask);
  return {
    ...job,
    config,
    checkpoint,
    fit,
    scale,
    plan: { ...config.sampler, solver, steps },
    samples,
    symmetries,
    seed,
    bounded,
  };
}

/** Everything that a classical method fills in an image from. */
export interface EstimateJobParts extends ImageJobParts {
  readonly method: ClassicalMethod;
  readonly request: Pick<InpaintingRequest, 'scale' | 'truthIsKnown'>;
}

export function buildEstimateJob({ method, request, ...parts }: EstimateJobParts): EstimateJob {
  const { scale, truthIsKnown } = request;
  return { ...buildImageJob(parts, { size: parts.image, truthIsKnown }), method, fit: 'whole', scale };
}

/** A law draws its mask for the image that is computed: of `size`, the small square when the image is fitted. */
function buildImageJob(
  { id, image, mask }: ImageJobParts,
  { size, truthIsKnown }: { readonly size: Size; readonly truthIsKnown: boolean },
): Omit<ImageJob, 'fit' | 'scale'> {
  const { width, height, pixels, opaque } = image;
  return {
    id,
    width,
    height,
    pixels,
    opaque,
    mask: 'bits' in mask ? mask : drawMask({ ...settingsOf(mask), width: size.width, height: size.height }),
    truthIsKnown: isTruthKnown({ truthIsKnown }, { isOpaque: opaque === null }),
  };
}

/** Whether the result can be scored: what is below transparent pixels is not known. */
export function isTruthKnown(
  { truthIsKnown }: Pick<InpaintingRequest, 'truthIsKnown'>,
  { isOpaque }: { readonly isOpaque: boolean },
): boolean {
  return truthIsKnown && isOpaque;
}

/** @throws Error if the mask has another size, or no known pixel. */
export function checkMask(mask: Size & { readonly observed: number }, image: Size): void {
  checkMaskSize(mask, image);
  if (mask.observed === 0)
    throw new Error('The mask has no known pixel, at least 1 is expected. Mark some as known.');
}

/** @throws Error if the mask has another size. */
export function checkMaskSize(mask: Size, image: Size): void {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new Error(
      `The mask has ${mask.width} × ${mask.height} pixels, the image ${image.width} × ${image.height}. Give a mask of the image’s size.`,
    );
  }
}

/** @throws Error if the result would be too large. */
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

/** An interrupted entry resumes with its own checkpoint, if that still exists. */
function chooseCheckpoint(store: Store, run: RunRecord, request: InpaintingRequest): Checkpoint {
  const earlier = findSameRequest(store.db, request);
  if (earlier?.status === 'interrupted' && isStillThere(store, run, earlier)) {
    const { checkpointStep, checkpointSha256 } = earlier;
    return { checkpointStep, checkpointSha256 };
  }
  const { step, sha256 } = requireCheckpoint(store, run, 'an inpainting');
  return { checkpointStep: step, checkpointSha256: sha256 };
}

function isStillThere(
  store: Store,
  { id }: RunRecord,
  { checkpointStep, checkpointSha256 }: Checkpoint,
): boolean {
  if (checkpointStep === null) return false;
  try {
    const { sha256 } = verifyCheckpoint(checkpointPath(store.runFolder(id), checkpointStep));
    return sha256 === checkpointSha256;
  } catch {
    return false;
  }
}

/** Training may have removed the planned checkpoint while the entry waited: then the newest one is used. */
function findPlannedCheckpoint(
  store: Store,
  run: RunRecord,
  { id, checkpointStep }: StoredInpainting,
): string {
  const planned = checkpointStep === null ? null : checkpointPath(store.runFolder(run.id), checkpointStep);
  if (planned !== null && existsSync(planned)) return planned;
  const { path, step, sha256 } = requireCheckpoint(store, run, 'an inpainting');
  updateInpainting(store.db, id, { checkpointStep: step, checkpointSha256: sha256 });
  return path;
}

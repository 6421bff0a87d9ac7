/** Requests about the user's images and their inpainting. */

import type { AddedImage, inpaintingRequests, ReadMask } from '../../../shared/contract/inpainting.ts';
import type { ParsedInput } from '../../../shared/contract.ts';
import { classicalNames, isPosteriorMean } from '../../../shared/inpainting.ts';
import type { TimeEstimate } from '../../../shared/text/timeRange.ts';
import { formatCount } from '../../../shared/text/format.ts';
import { imageLimits } from '../../../shared/images/imageHeader.ts';
import { describeInverted, readMask } from '../../../shared/images/readMask.ts';
import {
  decodeImageBytes,
  decodeMaskBytes,
  describeDecoding,
  describeTransparency,
} from '../../datasets/decodeImage.ts';
import { encodeThumbnail } from '../../jobs/inpainting/inpaintingFiles.ts';
import { checkMaskSize } from '../../jobs/inpainting/inpaintingPlan.ts';
import { adviseRuns } from '../../jobs/inpainting/maskAdvice.ts';
import { addMask, addImage } from '../../jobs/inpainting/userImages.ts';
import type { Store } from '../../store/store.ts';
import { getImage } from '../../store/inpaintings/inpaintings.ts';
import { getRun } from '../../store/runs/runs.ts';
import { asConflict, asConflictAsync } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';
import { estimateInpainting } from './estimateTimes.ts';
import { measureSlowness } from '../../runtime/processorSpeed.ts';

export function createInpaintingHandlers({
  store,
  inpaintings,
  system,
}: LaboratoryParts): HandlersOf<typeof inpaintingRequests> {
  return {
    'pictures.add': (file) => asConflictAsync(() => addImageFile(store, file)),
    'pictures.get': ({ id }) => asConflict(() => getImage(store.db, id)),
    'masks.read': (file) => asConflictAsync(() => readMaskFile(store, file)),
    'masks.add': ({ bytes, ...size }) => addMask(store, { ...size, bits: bytes }),
    'inpaint.start': (request) => asConflict(() => inpaintings.start(request)),
    'inpaint.prepare': ({ runId }) =>
      asConflict(() => {
        inpaintings.prepare(runId);
        return null;
      }),
    'inpaint.advise': ({ runIds, ...holes }) => adviseRuns(store, runIds, holes),
    'inpaint.estimate': (request) => asConflict(() => estimate({ store, system }, request)),
    'inpaint.cancel': ({ id }) => inpaintings.cancel(id),
    'inpaint.get': ({ id }) => inpaintings.get(id),
    'inpaint.list': (query) => inpaintings.list(query),
    'inpaint.delete'({ ids }) {
      inpaintings.delete(ids);
      return null;
    },
    'inpaint.restore'({ ids }) {
      inpaintings.restore(ids);
      return null;
    },
  };
}

/** @throws Error if there is no such run. */
function estimate(
  { store, system }: Pick<LaboratoryParts, 'store' | 'system'>,
  request: ParsedInput<'inpaint.estimate'>,
): TimeEstimate {
  const { runId, method, solver, steps, samples, fit, scale, known, channels, ...size } = request;
  const sources = { db: store.db, report: system.report(), slowness: measureSlowness };
  const config = runId === undefined ? null : getRun(store.db, runId).config;
  const isFitted = fit === 'fit' && config !== null;
  const side = isFitted ? config.data.imageSize : null;
  const image = {
    width: scale * (side ?? size.width),
    height: scale * (side ?? size.height),
    channels,
    known: known / scale ** 2,
    touched: isFitted || scale > 1 ? 1 : size.touched,
  };
  if (config === null) return estimateInpainting(sources, { image, method: method ?? classicalNames[0] });
  const plan = { ...config.sampler, solver, steps };
  const symmetries = isPosteriorMean(request) ? (request.symmetries ?? config.sampler.symmetries) : 1;
  return estimateInpainting(sources, { image, config, plan, samples, symmetries });
}

/** Longer side, in pixels, of the thumbnails in the list of images. */
const thumbnailSide = 112;

/** Decodes an image file of the user and stores its pixels. @throws Error that says what is wrong with the file. */
async function addImageFile(store: Store, file: ParsedInput<'pictures.add'>): Promise<AddedImage> {
  const { name, background, hidesTransparent, mayShrink } = file;
  const decoded = await decodeImageBytes(file.bytes, { background, mayShrink });
  const { width, height, pixels } = decoded;
  if (Math.max(width, height) > imageLimits.shownSide) {
    throw new Error(
      `The image has ${formatCount(width)} × ${formatCount(height)} pixels; at most ${formatCount(imageLimits.shownSide)} per side can be shown. Crop it.`,
    );
  }
  const opaque = hidesTransparent ? decoded.opaque : null;
  const image = await addImage(store, { name, width, height, pixels, opaque });
  const thumbnail = await encodeThumbnail({ width, height, pixels }, thumbnailSide);
  const transparency = decoded.opaque
    ? [describeTransparency(decoded.opaque, { isHidden: hidesTransparent })]
    : [];
  return {
    image,
    thumbnail: `data:image/png;base64,${Buffer.from(thumbnail).toString('base64')}`,
    notes: [...describeDecoding(decoded), ...transparency],
  };
}

/** Reads and stores a mask file. @throws Error when it is not a mask for an image of this size. */
async function readMaskFile(store: Store, file: ParsedInput<'masks.read'>): Promise<ReadMask> {
  const image = await decodeMaskBytes(file.bytes);
  checkMaskSize(image, file);
  const { invert } = file;
  const found = readMask(image, { invert });
  const { notes, looksInverted } = found;
  const mask = await addMask(store, found);
  return { mask, notes, inverted: looksInverted ? describeInverted(found, { invert }) : null };
}

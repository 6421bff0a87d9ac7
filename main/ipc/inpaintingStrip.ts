/** The samples of a stored inpainting side by side, drawn as `lab inpaint --strip` draws them. */

import { mapInto } from '../../shared/numbers/mapInto.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { insertPngText } from '../../shared/images/pngText.ts';
import { type InpaintingImage, provenanceKeyword } from '../../shared/inpainting.ts';
import { describeOrigin } from '../jobs/inpainting/inpaintingFiles.ts';
import { countStripSamples, renderStrip } from '../reports/inpaintingStrip.ts';
import { inpaintingFolder } from '../store/dataFolder.ts';
import { findInpainting } from '../store/inpaintings/inpaintings.ts';
import type { Store } from '../store/store.ts';

/**
 * Returns a PNG of truth, known pixels, thin plate, mean, samples, their standard deviation and the error, cropped to the largest
 * hole, with how it was made as text; null if there is no such result of several samples, files of it are missing, or it
 * is too large for such a figure.
 */
export async function renderInpaintingStrip(
  { db, dataFolder }: Pick<Store, 'db' | 'dataFolder'>,
  id: string,
  version: string,
): Promise<Uint8Array | null> {
  const entry = findInpainting(db, id);
  if (!entry?.result || entry.request.samples === 1) return null;
  const { result, request, image, runName } = entry;
  const { width, height, largestDeviation, scores } = result;
  const fileOf = (name: InpaintingImage) => join(inpaintingFolder(dataFolder, id), `${name}.png`);
  const count = countStripSamples(request.samples, result);
  if (count === 0) return null;
  const names = Array.from({ length: count }, (_, index) => `sample-${index + 1}` as const);
  const needed: InpaintingImage[] = ['truth', 'mask', 'result', 'thin-plate', 'deviation', ...names];
  if (!needed.every((name) => existsSync(fileOf(name)))) return null;
  const colours = (name: InpaintingImage) =>
    sharp(fileOf(name)).toColourspace('srgb').removeAlpha().raw().toBuffer();
  const { channels = 1 } = result;
  const grey = (name: InpaintingImage) => sharp(fileOf(name)).extractChannel(0).raw().toBuffer();
  const [truth, filled, thinPlate, mask, deviation, samples] = await Promise.all([
    colours('truth'),
    colours('result'),
    colours('thin-plate'),
    channels === 3 ? colours('mask') : grey('mask'),
    grey('deviation'),
    Promise.all(names.map(colours)),
  ]);
  const bits = mapInto(new Uint8Array(mask.length), mask, (value) => (value > 127 ? 1 : 0));
  const source = {
    width,
    height,
    truth,
    thinPlate,
    result: filled,
    mask: { channels, bits },
    deviation,
    largestDeviation,
    scores,
  };
  const strip = await renderStrip(source, {
    title: `${image.name}, ${runName}`,
    hasTruth: request.truthIsKnown && request.scale === 1,
    samples,
  });
  return insertPngText(strip, provenanceKeyword, JSON.stringify(describeOrigin(entry, version)));
}

/** Giving an inpainting's pictures to the user as they are stored: the result carries where it came from. */

import { inpaintingMedia, type InpaintingEntry, type InpaintingPicture } from '../../../shared/inpainting.ts';
import { mediaUrl } from '../../api/client.ts';
import { copyPng, fileName, saveFile } from '../../api/saveFile.ts';

/** @throws Error when the picture is not there. */
export async function savePicture(entry: InpaintingEntry, picture: InpaintingPicture): Promise<void> {
  const blob = await fetchPng(entry.id, picture);
  saveFile(fileName(withoutExtension(entry.picture.name), picture, entry.id, 'png'), blob);
}

/** One after the other: browsers ask once whether they may. */
export async function saveSamples(entry: InpaintingEntry): Promise<void> {
  for (let sample = 1; sample <= entry.request.samples; sample++)
    await savePicture(entry, `sample-${sample}`);
}

export async function copyPicture(entry: InpaintingEntry): Promise<void> {
  await copyPng(fetchPng(entry.id, 'result'));
}

async function fetchPng(id: string, picture: InpaintingPicture): Promise<Blob> {
  const response = await fetch(mediaUrl(inpaintingMedia(id, picture)));
  if (!response.ok)
    throw new Error(`The picture is not there (${response.status}). Its file may have been removed.`);
  return response.blob();
}

function withoutExtension(name: string): string {
  return name.replace(/\.(png|jpe?g|webp)$/i, '');
}

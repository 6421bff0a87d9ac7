/** The laboratory's pictures as bytes: small ones, whole. */

import { readFile } from 'node:fs/promises';
import type { Laboratory } from '../ipc/laboratory.ts';
import type { ReadMedia } from './protocols.ts';

export function createReadMedia(laboratory: Pick<Laboratory, 'media'>): ReadMedia {
  return async (path) => {
    const media = await laboratory.media(path);
    if (!media) return null;
    if ('bytes' in media) return media;
    const { file, ...rest } = media;
    return { ...rest, bytes: await readFile(file) };
  };
}

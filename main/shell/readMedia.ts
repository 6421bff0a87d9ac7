/** What is at the laboratory's addresses, as the bodies of answers. */

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Laboratory } from '../ipc/laboratory.ts';
import type { ReadMedia } from './protocols.ts';

/** Bytes of a file that is sent in one piece. */
const largestWhole = 8 * 2 ** 20;

export function createReadMedia(laboratory: Pick<Laboratory, 'media'>): ReadMedia {
  return async (path) => {
    const media = await laboratory.media(path);
    if (!media) return null;
    const { type, policy } = media;
    if ('chunks' in media) return { type, policy, body: toBody(Readable.from(media.chunks)) };
    if ('bytes' in media) return { type, policy, body: new Uint8Array(media.bytes) };
    const { size } = await stat(media.file);
    const isWhole = size <= largestWhole;
    const body = isWhole ? new Uint8Array(await readFile(media.file)) : toBody(createReadStream(media.file));
    return { type, policy, body };
  };
}

function toBody(stream: Readable): ReadableStream<Uint8Array> {
  const bytes = stream.map((chunk: string | Uint8Array) =>
    typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk,
  );
  return Readable.toWeb(bytes) as ReadableStream<Uint8Array>;
}

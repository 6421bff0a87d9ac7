/** The schemes `app://`, which serves the page from a map of its files, and `lab-media://`, which serves the laboratory's media. */

import type { CustomScheme, Protocol } from 'electron';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Laboratory } from '../ipc/laboratory.ts';
import {
  commonHeaders,
  contentPolicy,
  createNonce,
  mapPageFiles,
  type PageFile,
  readPage,
} from '../ipc/pageFiles.ts';
import { mediaScheme, pageOrigin, pageScheme, pathOf } from './addresses.ts';

/** Media as the body of a response. `policy`: content security policy of a document. */
export interface MediaBody {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly type: string;
  readonly policy?: string;
}

/** Reads the media at a path; null if there is none. */
export type ReadMedia = (path: string) => Promise<MediaBody | null>;

/** Must be registered before Electron is ready. */
export const schemes: CustomScheme[] = [
  { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  {
    scheme: mediaScheme,
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true },
  },
];

/** @throws Error when the page has not been built. */
export function serveProtocols(
  protocol: Pick<Protocol, 'handle'>,
  from: { pageFolder: string; readMedia: ReadMedia },
): void {
  const files = mapPageFiles(from.pageFolder);
  protocol.handle(pageScheme, ({ method, url }) => {
    const path = method === 'GET' ? pathOf(pageScheme, url) : null;
    const file = path === null ? undefined : files.get(path);
    return file ? answerFile(file) : refuse();
  });
  protocol.handle(mediaScheme, async ({ method, url }) => {
    const path = method === 'GET' ? pathOf(mediaScheme, url) : null;
    const media = path === null ? null : await from.readMedia(path.slice(1));
    return media ? answerMedia(media) : refuse();
  });
}

async function answerFile({ file, type }: PageFile): Promise<Response> {
  const headers = { ...commonHeaders, 'content-type': type };
  if (!file.endsWith('index.html')) return new Response(await readFile(file), { headers });
  const nonce = createNonce();
  const policy = contentPolicy(nonce, { connect: `${mediaScheme}:`, images: `${mediaScheme}:` });
  return new Response(readPage(file, nonce), {
    headers: { ...headers, 'content-security-policy': policy, 'cache-control': 'no-store' },
  });
}

/** Allows the page to read the pixels of images, which come from another scheme. */
function answerMedia({ body, type, policy }: MediaBody): Response {
  const headers = {
    ...commonHeaders,
    ...(policy !== undefined && { 'content-security-policy': policy }),
    'content-type': type,
    'access-control-allow-origin': pageOrigin,
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'no-cache',
  };
  return new Response(body, { headers });
}

function refuse(): Response {
  return new Response('Not found', {
    status: 404,
    headers: { 'content-type': 'text/plain', ...commonHeaders },
  });
}

/** Bytes up to which a file is read at once. */
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

/** `app://` serves the page from an exact map, `lab-media://` the laboratory's pictures; nothing else has a scheme. */

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

/** What the laboratory has at an address; `policy`: that of a document. */
export interface MediaBody {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly type: string;
  readonly policy?: string;
}

/** null where there is nothing. */
export type ReadMedia = (path: string) => Promise<MediaBody | null>;

/** To be registered before Electron is ready. */
export const schemes: CustomScheme[] = [
  { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  {
    scheme: mediaScheme,
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true },
  },
];

/** @throws Error when the page is not built. */
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

/** The page may read the pixels of its pictures: they come from another scheme, so it must be told by name. */
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

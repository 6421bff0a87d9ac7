/** `app://` serves the page from an exact map, `lab-media://` the laboratory's pictures; nothing else has a scheme. */

import { readFile } from 'node:fs/promises';
import type { CustomScheme, Protocol } from 'electron';
import {
  commonHeaders,
  contentPolicy,
  createNonce,
  mapPageFiles,
  readPage,
  type PageFile,
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

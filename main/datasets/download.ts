/** Downloads one archive: goes on where it stopped, verifies size and MD5, and gives it its final name only then. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeProxy, useSystemProxy } from '../runtime/networkProxy.mjs';
import { claimPart } from './downloadPart.ts';

export interface RemoteArchive {
  readonly url: string;
  readonly bytes: number;
  /** Hex. */
  readonly md5: string;
  /** What to do when the download fails; a full sentence. */
  readonly advice: string;
}

export interface DownloadProgress {
  readonly phase: 'downloading' | 'verifying';
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes';
}

export interface DownloadOptions {
  /** Made if missing. */
  readonly folder: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * The archive's path in `folder`, downloaded unless it is there. An interrupted download stays as `<name>.<process>.part`
 * and the next call asks the server for the rest only.
 * @throws Error when the folder cannot be written, the disk is too full, the server cannot be reached, or what it sent
 * is not the archive; the signal's reason when aborted.
 */
export async function downloadArchive(requested: RemoteArchive, options: DownloadOptions): Promise<string> {
  const file = join(options.folder, basename(new URL(requested.url).pathname));
  if ((await sizeOf(file)) === requested.bytes) return file;
  useSystemProxy();
  const archive = { ...requested, advice: adviceFor(requested) };
  const part = await claimPart(file);
  await prepareFolder(archive, part, options.folder);
  if ((await sizeOf(part)) < archive.bytes) await fetchRest(archive, part, options);
  await verifyPart(archive, part, options);
  await rename(part, file);
  return file;
}

/** What fails behind a proxy is often the proxy's doing. */
function adviceFor({ url, advice }: RemoteArchive): string {
  const proxy = describeProxy(url);
  return proxy === null
    ? advice
    : `The request went through the proxy ${proxy}, as HTTPS_PROXY or a variable like it says: check that it is right. ${advice}`;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

async function prepareFolder(archive: RemoteArchive, part: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await (await open(part, 'a')).close();
  } catch (error) {
    failWriting(part, error);
  }
  const { bavail, bsize } = await statfs(folder);
  const needed = archive.bytes - (await sizeOf(part));
  if (bavail * bsize < needed) {
    throw new Error(
      `${folder} has ${bavail * bsize} bytes free, expected at least ${needed}. Free space or choose another cache folder.`,
    );
  }
}

function failWriting(part: string, error: unknown): never {
  throw new Error(
    `Cannot write ${part}: ${reasonOf(error)}. Free space, make the folder writable or choose another cache folder.`,
    { cause: error },
  );
}

async function fetchRest(archive: RemoteArchive, part: string, options: DownloadOptions): Promise<void> {
  const present = await sizeOf(part);
  const response = await request(archive, present, options.signal);
  const start = response.status === 206 ? present : 0;
  const announced = start + Number(response.headers.get('content-length') ?? archive.bytes - start);
  if (!response.ok || !response.body || announced !== archive.bytes) {
    await response.body?.cancel();
    // A server that cannot continue this file must not block the next attempt.
    if (response.status === 416) await rm(part, { force: true });
    throw new Error(
      `${archive.url} answered ${response.status} with ${announced} bytes; expected ${archive.bytes}. ${archive.advice}`,
    );
  }
  const received = await writeBody(response.body, { archive, part, start, options });
  if (received !== archive.bytes) {
    throw new Error(
      `The download of ${archive.url} stopped at ${received} of ${archive.bytes} bytes. Run it again to go on from there. ` +
        archive.advice,
    );
  }
}

async function request(archive: RemoteArchive, present: number, signal?: AbortSignal): Promise<Response> {
  const headers = { 'Accept-Encoding': 'identity', ...(present > 0 && { Range: `bytes=${present}-` }) };
  try {
    return await fetch(archive.url, { headers, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(
      `Cannot reach ${archive.url}: ${reasonOf(error)}. Check the connection. ${archive.advice}`,
      {
        cause: error,
      },
    );
  }
}

interface BodyTarget {
  readonly archive: RemoteArchive;
  readonly part: string;
  readonly start: number;
  readonly options: DownloadOptions;
}

/** Appends the body to `part` from byte `start`; returns how many bytes are there when the stream ends or breaks. */
async function writeBody(body: NonNullable<Response['body']>, target: BodyTarget): Promise<number> {
  const { archive, part, start, options } = target;
  let done = start;
  const handle = await open(part, start === 0 ? 'w' : 'a');
  try {
    for await (const chunk of readChunks(body, options.signal)) {
      await handle.writeFile(chunk).catch((error: unknown) => failWriting(part, error));
      done += chunk.length;
      if (done > archive.bytes) await refuseEndlessBody(archive, part);
      options.onProgress?.({ phase: 'downloading', done, total: archive.bytes, unit: 'bytes' });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return done;
}

async function refuseEndlessBody(archive: RemoteArchive, part: string): Promise<never> {
  await rm(part, { force: true });
  throw new Error(
    `${archive.url} sent more than ${archive.bytes} bytes, which are expected. ${archive.advice}`,
  );
}

/** Ends where the connection breaks: the bytes so far are good and worth keeping. */
async function* readChunks(
  body: NonNullable<Response['body']>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk;
  } catch {
    signal?.throwIfAborted();
  }
}

async function verifyPart(archive: RemoteArchive, part: string, options: DownloadOptions): Promise<void> {
  const hash = createHash('md5');
  let done = 0;
  for await (const chunk of createReadStream(part)) {
    options.signal?.throwIfAborted();
    hash.update(chunk);
    done += chunk.length;
    options.onProgress?.({ phase: 'verifying', done, total: archive.bytes, unit: 'bytes' });
  }
  const md5 = hash.digest('hex');
  if (done !== archive.bytes || md5 !== archive.md5) {
    await rm(part, { force: true });
    throw new Error(
      `${archive.url}: received ${done} bytes with MD5 ${md5}, expected ${archive.bytes} bytes with MD5 ${archive.md5}. ` +
        `The download was removed; run it again. ${archive.advice}`,
    );
  }
}

/** `fetch` hides the system's reason in `cause`, that of a proxy one level deeper. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.cause instanceof Error && reasonOf(error.cause)) || error.message;
}

/** Downloads an archive: resumes a partial download, verifies size and MD5, and only then renames the file. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeProxy, useSystemProxy } from '../runtime/networkProxy.mjs';
import { lookUpProcess } from '../runtime/processIdentity.mjs';

export interface RemoteArchive {
  readonly url: string;
  readonly bytes: number;
  /** Hex. */
  readonly md5: string;
  /** What to do when the download fails; a full sentence. */
  readonly advice: string;
}

export interface DownloadProgress {
  /** `connecting`: the server has not answered yet; `done` counts the bytes of an earlier attempt. */
  readonly phase: 'connecting' | 'downloading' | 'verifying';
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes';
}

export interface DownloadOptions {
  /** Made if missing. */
  readonly folder: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  readonly limits?: TimeLimits;
}

/** Milliseconds. */
export interface TimeLimits {
  /** Until the server answers. */
  readonly answer: number;
  /** Between two chunks after that. */
  readonly silence: number;
}

const usualLimits: TimeLimits = { answer: 30_000, silence: 60_000 };

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

/** Returns the advice, with a hint on the proxy if there is one: failures are often caused by it. */
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
  options.onProgress?.({ phase: 'connecting', done: present, total: archive.bytes, unit: 'bytes' });
  const watch = watchSilence(options.limits ?? usualLimits, options.signal);
  try {
    await receive(archive, { part, present, watch, options });
  } finally {
    watch.end();
  }
}

async function receive(
  archive: RemoteArchive,
  from: { part: string; present: number; watch: SilenceWatch; options: DownloadOptions },
): Promise<void> {
  const { part, present, watch, options } = from;
  const response = await request(archive, present, watch);
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
  const received = await writeBody(response.body, { archive, part, start, watch, options });
  if (received !== archive.bytes) {
    throw new Error(
      `The download of ${archive.url} stopped at ${received} of ${archive.bytes} bytes${watch.complaint() ?? ''}. Run it again to continue from there. ` +
        archive.advice,
    );
  }
}

/** Ends a request whose server says nothing for too long. */
interface SilenceWatch {
  /** Aborted by the user's signal too. */
  readonly signal: AbortSignal;
  /** The server said something. */
  reset(): void;
  end(): void;
  /** What was too slow, to be appended to a sentence; null: nothing. */
  complaint(): string | null;
}

function watchSilence({ answer, silence }: TimeLimits, signal?: AbortSignal): SilenceWatch {
  const controller = new AbortController();
  let complaint: string | null = null;
  const wait = (milliseconds: number, what: string) =>
    setTimeout(() => {
      complaint = `${what} for ${milliseconds / 1000} s`;
      controller.abort(new Error(complaint));
    }, milliseconds);
  let timer = wait(answer, ', because the server did not answer');
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    reset() {
      clearTimeout(timer);
      timer = wait(silence, ', because nothing arrived');
    },
    end: () => clearTimeout(timer),
    complaint: () => complaint,
  };
}

async function request(archive: RemoteArchive, present: number, watch: SilenceWatch): Promise<Response> {
  const headers = { 'Accept-Encoding': 'identity', ...(present > 0 && { Range: `bytes=${present}-` }) };
  try {
    const response = await fetch(archive.url, { headers, signal: watch.signal });
    watch.reset();
    return response;
  } catch (error) {
    throwIfAbortedByUser(watch);
    const reason = watch.complaint() === null ? `: ${reasonOf(error)}` : watch.complaint();
    throw new Error(`Cannot reach ${archive.url}${reason}. Check the connection. ${archive.advice}`, {
      cause: error,
    });
  }
}

function throwIfAbortedByUser({ signal, complaint }: SilenceWatch): void {
  if (complaint() === null) signal.throwIfAborted();
}

interface BodyTarget {
  readonly archive: RemoteArchive;
  readonly part: string;
  readonly start: number;
  readonly watch: SilenceWatch;
  readonly options: DownloadOptions;
}

/** Appends the body to `part` from byte `start`; returns how many bytes are there when the stream ends or breaks. */
async function writeBody(body: NonNullable<Response['body']>, target: BodyTarget): Promise<number> {
  const { archive, part, start, watch, options } = target;
  let done = start;
  const handle = await open(part, start === 0 ? 'w' : 'a');
  try {
    for await (const chunk of readChunks(body, watch)) {
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
  watch: SilenceWatch,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      watch.reset();
      yield chunk;
    }
  } catch {
    throwIfAbortedByUser(watch);
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

/** Milliseconds. */
const longestSilence = 15 * 60_000;

/**
 * The path at which this process downloads `file`: what is there already is the beginning of it. Of several beginnings
 * that dead processes left the longest is taken over, the others are removed.
 */
export async function claimPart(file: string, pid: number = process.pid): Promise<string> {
  const own = `${file}.${pid}.part`;
  const parts = await listParts(file);
  const left = parts.filter((part) => part.path !== own && isLeft(part));
  let isClaimed = parts.some(({ path }) => path === own);
  for (const { path } of left.sort((one, other) => other.bytes - one.bytes)) {
    if (isClaimed) await rm(path, { force: true });
    else isClaimed = await tryRename(path, own);
  }
  return own;
}

/** Removes the beginnings of `file` that no process writes. */
export async function removeParts(file: string): Promise<void> {
  const left = (await listParts(file)).filter(isLeft);
  await Promise.all(left.map(({ path }) => rm(path, { force: true })));
}

interface Part {
  readonly path: string;
  readonly bytes: number;
  /** The process that writes it; null for one of an earlier version, which named none. */
  readonly pid: number | null;
  /** Milliseconds since the last byte; also where the clock was set back since. */
  readonly silence: number;
}

async function listParts(file: string): Promise<Part[]> {
  const [folder, name] = [dirname(file), basename(file)];
  const names = await readdir(folder).catch(() => []);
  const found = names.map(async (entry): Promise<Part | null> => {
    const pid = /^(?:\.(\d+))?\.part$/.exec(entry.slice(name.length));
    if (!entry.startsWith(name) || !pid) return null;
    const path = join(folder, entry);
    const state = await stat(path).catch(() => null);
    if (!state?.isFile()) return null;
    const silence = Math.abs(Date.now() - state.mtimeMs);
    return { path, bytes: state.size, pid: pid[1] ? Number(pid[1]) : null, silence };
  });
  return (await Promise.all(found)).filter((part) => part !== null);
}

function isLeft({ pid, silence }: Part): boolean {
  const isOfOther = pid !== null && pid !== process.pid && lookUpProcess(pid).isAlive;
  // A download that receives nothing ends much earlier: the number belongs to another process by now.
  return !isOfOther || silence > longestSilence;
}

/** false where another process was faster. */
async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch {
    return false;
  }
}

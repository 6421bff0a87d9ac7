/**
 * Finds the batch files of CIFAR-10: in a folder, in a subfolder, or in an archive (.tar, .tar.gz, .tgz, .zip), with any
 * usual nesting. Archives are read member by member; nothing is written to disk.
 */

import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { extract } from 'tar-stream';
import { openPromise } from 'yauzl';

import { describeError } from '../../shared/text/describeError.ts';
import { largestBatchBytes } from './cifarPickle.ts';
import { readBatch, refusePointer } from './cifarRecords.ts';
import type { CifarBatch } from './cifarRecords.ts';

export interface BatchSearch {
  /** Batch names without an extension, e.g. `test_batch`: both versions are searched for. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal;
  readonly onBatch?: (batch: CifarBatch) => void;
}

/** Location of batch files: a folder that contains them, or an archive. */
export type BatchPlace = { readonly kind: 'folder' | 'archive'; readonly path: string };

const batchPattern = /^(data_batch_[1-5]|test_batch)(\.bin)?$/;
/** A browser adds a number to the name of a second download. */
const archivePattern =
  /^cifar[-_]?10([-_](python|binary|batches[-_](py|bin)))?( ?\(\d+\))?\.(tar|tar\.gz|tgz|zip)$/i;
const wrappingPattern =
  /^cifar[-_]?10([-_](batches|python|binary|batches[-_](py|bin)))?([-_](python|binary|py|bin))?$/i;
/** Largest depth of the search below the given folder. */
const deepestFolder = 3;

/** File names that identify other datasets and versions. */
const foreignNames: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(fine_label_names\.txt|coarse_label_names\.txt|cifar[-_]?100.*)$/i, 'CIFAR-100'],
  [/^(data_batch_[1-5]|test_batch|batches\.meta)\.mat$/i, 'the MATLAB version of CIFAR-10'],
  [/^cifar-10-(matlab|batches-mat).*$/i, 'the MATLAB version of CIFAR-10'],
];

/**
 * Finds the batch files in a folder, in subfolders with the names of unpacked archives, or in a CIFAR-10 archive in one of
 * them; null if there are none. If a folder has several versions, the binary one is read.
 */
export async function findBatches(folder: string): Promise<BatchPlace | null> {
  for (const path of await listWrappings(folder)) {
    if ((await namesIn(path)).some((name) => batchPattern.test(name))) return { kind: 'folder', path };
  }
  for (const path of await listWrappings(folder)) {
    const archive = (await namesIn(path)).find((name) => archivePattern.test(name));
    if (archive !== undefined) return { kind: 'archive', path: join(path, archive) };
  }
  return null;
}

/** Returns the folder and its subfolders that are named like CIFAR-10 folders, from the outside in. */
async function listWrappings(folder: string): Promise<string[]> {
  const found = [folder];
  let level = [folder];
  for (let depth = 0; depth < deepestFolder; depth++) {
    const inner: string[] = [];
    for (const path of level) {
      for (const name of await namesIn(path)) {
        // Names are sorted, so the binary version comes first.
        if (
          wrappingPattern.test(name) &&
          (await stat(join(path, name)).catch(() => undefined))?.isDirectory()
        )
          inner.push(join(path, name));
      }
    }
    found.push(...inner);
    level = inner;
  }
  return found;
}

/** Returns the sorted names in a folder, without hidden files such as AppleDouble entries; empty if it cannot be read. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Returns the dataset that a list of file names belongs to instead of CIFAR-10; null if it is unknown. */
export function nameForeignDataset(names: readonly string[]): string | null {
  for (const [pattern, name] of foreignNames) {
    if (names.some((candidate) => pattern.test(basename(candidate)))) return name;
  }
  const bases = names.map((name) => basename(name).replace(/\.(bin|mat)$/, ''));
  return ['train', 'test', 'meta'].every((name) => bases.includes(name)) ? 'CIFAR-100' : null;
}

/**
 * Reads the batches of a folder or an archive in the order of `names`; missing ones are left out.
 * @throws Error naming what was found when there are no CIFAR-10 files, or when a file is damaged.
 */
export async function readBatches(path: string, search: BatchSearch): Promise<CifarBatch[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new Error(`${path} does not exist. ${expectation}`);
  const place: BatchPlace | null = found.isDirectory() ? await findBatches(path) : { kind: 'archive', path };
  if (!place) throw new Error(describeForeignFolder(path, await namesIn(path)));
  return place.kind === 'folder' ? readBatchFolder(place.path, search) : readBatchArchive(place.path, search);
}

const expectation =
  'Expected CIFAR-10 as a folder or archive (.tar.gz, .tar or .zip) with data_batch_1 to data_batch_5 and test_batch (Python version) or the same ending in .bin (binary version). Give its path: cifar10:<path>.';

function describeForeignFolder(path: string, names: readonly string[]): string {
  const foreign = nameForeignDataset([path, ...names]);
  if (foreign) return describeForeign(path, foreign);
  return `${path} has none of CIFAR-10's files. ${listContents(names)} ${expectation}`;
}

/** Returns the message for another dataset in place of CIFAR-10. */
export function describeForeign(path: string, foreign: string): string {
  return `${path}: this is ${foreign}, which is not supported. ${expectation}`;
}

function listContents(names: readonly string[]): string {
  if (names.length === 0) return 'It is empty.';
  const shown = names
    .slice(0, 6)
    .map((name) => basename(name))
    .join(', ');
  return `It has ${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ''}.`;
}

async function readBatchFolder(folder: string, search: BatchSearch): Promise<CifarBatch[]> {
  const present = await namesIn(folder);
  const ending = present.some((name) => /^(data_batch_[1-5]|test_batch)\.bin$/.test(name)) ? '.bin' : '';
  const names = search.names.map((name) => name + ending).filter((name) => present.includes(name));
  if (names.length === 0) throw new Error(describeMissing(folder, present, search));
  const batches: CifarBatch[] = [];
  for (const name of names) {
    search.signal?.throwIfAborted();
    const { size } = await stat(join(folder, name));
    refuseLargeBatch(name, size);
    const batch = readBatch(name, await readFile(join(folder, name)));
    batches.push(batch);
    search.onBatch?.(batch);
  }
  return batches;
}

function describeMissing(path: string, names: readonly string[], { names: wanted }: BatchSearch): string {
  const foreign = nameForeignDataset([path, ...names]);
  if (foreign) return describeForeign(path, foreign);
  const inner = names.find((name) => archivePattern.test(basename(name)));
  const advice = inner === undefined ? expectation : `Unpack it and give the path of ${basename(inner)}.`;
  return `${path} has none of the batch files needed (${wanted.join(', ')}). ${listContents(names)} ${advice}`;
}

/** One file of an archive. `read` may be called once, before the next member is requested. */
interface Member {
  readonly name: string;
  readonly type: 'file' | 'link' | 'other';
  readonly size: number;
  read(): Promise<Uint8Array>;
}

/**
 * Reads the batches in an archive, found by their base names, in the order of `names`.
 * @throws Error when the archive is truncated, damaged, of another kind, has links, names with `..`, or repeated batches.
 */
async function readBatchArchive(file: string, search: BatchSearch): Promise<CifarBatch[]> {
  const kind = await findArchiveKind(file);
  const members = kind === 'zip' ? openZip(file) : openTar(file, kind, search.signal);
  const batches = new Map<string, CifarBatch>();
  const others: string[] = [];
  try {
    for await (const member of members) {
      search.signal?.throwIfAborted();
      refuseUnsafeMember(member);
      if (isWanted(member, search)) await keepBatch(member, batches, search);
      else if (member.type === 'file' && !isSystemFile(member.name)) others.push(member.name);
    }
  } catch (error) {
    search.signal?.throwIfAborted();
    const { size } = await stat(file);
    const reason = describeFault(error);
    throw new Error(
      `${file} (${size} bytes) cannot be used: ${reason}${reason.endsWith('.') ? '' : '.'} Expected a complete CIFAR-10 archive.`,
      { cause: error },
    );
  }
  if (batches.size === 0) throw new Error(describeMissing(file, others, search));
  const found = [...batches.values()];
  const position = (batch: CifarBatch) => search.names.indexOf(stem(batch.name));
  return found.sort((one, other) => position(one) - position(other));
}

function isWanted({ name, type }: Member, { names }: BatchSearch): boolean {
  return type === 'file' && !isSystemFile(name) && names.includes(stem(basename(name)));
}

/** Returns whether macOS added the file to the archive: AppleDouble files next to the real ones. */
function isSystemFile(name: string): boolean {
  return basename(name).startsWith('._') || name.split('/').includes('__MACOSX');
}

async function keepBatch(
  member: Member,
  batches: Map<string, CifarBatch>,
  search: BatchSearch,
): Promise<void> {
  const base = basename(member.name);
  if (batches.has(stem(base)))
    throw new Error(`The member "${member.name}" appears a second time. Get the archive again.`);
  refuseLargeBatch(member.name, member.size);
  const batch = readBatch(base, await member.read());
  batches.set(stem(base), batch);
  search.onBatch?.(batch);
}

async function* openTar(
  file: string,
  kind: 'tar' | 'gzip',
  signal: AbortSignal | undefined,
): AsyncGenerator<Member> {
  const unpacked = extract();
  const source = createReadStream(file);
  const flow =
    kind === 'gzip'
      ? pipeline(source, createGunzip(), unpacked, { signal })
      : pipeline(source, unpacked, { signal });
  // The loop below receives the same failure; without this handler Node would terminate the process.
  flow.catch(() => undefined);
  try {
    for await (const entry of unpacked) {
      const { name, type, size } = entry.header;
      let isRead = false;
      yield {
        name,
        type: type === 'file' ? 'file' : type === 'link' || type === 'symlink' ? 'link' : 'other',
        size: size ?? 0,
        async read() {
          isRead = true;
          return readAll(entry as AsyncIterable<Uint8Array>);
        },
      };
      if (!isRead) entry.resume();
    }
    await flow;
  } finally {
    unpacked.destroy();
  }
}

async function* openZip(file: string): AsyncGenerator<Member> {
  const zip = await openPromise(file, { lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      // The upper half of the attributes is the Unix mode if the archive was created on Unix.
      const isLink = ((entry.externalFileAttributes >>> 16) & 0xf000) === 0xa000;
      yield {
        name: entry.fileName,
        type: isLink ? 'link' : entry.fileName.endsWith('/') ? 'other' : 'file',
        size: entry.uncompressedSize,
        read: async () => readAll(await zip.openReadStreamPromise(entry)),
      };
    }
  } finally {
    zip.close();
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function stem(name: string): string {
  return name.replace(/\.bin$/, '');
}

function refuseUnsafeMember({ name, type }: Member): void {
  const isOutside = name.startsWith('/') || name.split(/[\\/]/).includes('..');
  if (isOutside || type === 'link') {
    const found = isOutside ? 'a path that leaves the archive' : 'a link';
    throw new Error(
      `The member "${name}" is ${found}, which no CIFAR-10 archive has. Get the official archive.`,
    );
  }
}

function refuseLargeBatch(name: string, size: number): void {
  if (size > largestBatchBytes) {
    throw new Error(
      `${name} has ${size} bytes; a CIFAR-10 batch file has at most ${largestBatchBytes}. It is another file.`,
    );
  }
}

/** Returns the kind of an archive from its first bytes, ignoring its name. @throws Error when it is no archive. */
async function findArchiveKind(file: string): Promise<'tar' | 'gzip' | 'zip'> {
  const handle = await open(file);
  try {
    const start = Buffer.alloc(512);
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    refusePointer(file, start.subarray(0, bytesRead));
    if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
    if (start.toString('latin1', 0, 4) === 'PK\x03\x04') return 'zip';
    if (bytesRead === start.length && isTarHeader(start)) return 'tar';
    const found = bytesRead === 0 ? 'It is empty' : 'Its first bytes are those of none of them';
    const hint = batchPattern.test(basename(file)) ? ' Give the folder that it is in.' : '';
    throw new Error(`${file} is no .tar, .tar.gz or .zip archive. ${found}.${hint} ${expectation}`);
  } finally {
    await handle.close();
  }
}

/** Checks the checksum of a tar header: the sum of its bytes, with the checksum field read as spaces (POSIX.1-1988). */
function isTarHeader(header: Buffer): boolean {
  const [from, to] = [148, 156];
  const sum = header.reduce((total, byte, at) => total + (at >= from && at < to ? 0x20 : byte), 0);
  return parseInt(header.toString('latin1', from, to), 8) === sum;
}

function describeFault(error: unknown): string {
  const reason = describeError(error);
  return /invalid tar header/i.test(reason)
    ? 'What is compressed in it is no .tar archive. If it is a single file, unpack it and give its folder.'
    : reason;
}

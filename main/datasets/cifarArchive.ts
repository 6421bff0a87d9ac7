/** Where CIFAR-10's batch files stand: in a folder of either version, or as members of a `.tar.gz`. */

import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { extract } from 'tar-stream';
import type { Extract } from 'tar-stream';

import { readBatch, refusePointer } from './cifarRecords.ts';
import type { CifarBatch } from './cifarRecords.ts';

export interface BatchSearch {
  /** Batch names without an ending, e.g. `test_batch`: both versions are looked for. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal;
  readonly onBatch?: (batch: CifarBatch) => void;
}

/** The official files have 31 MB. */
const largestBatchBytes = 64 * 2 ** 20;
const batchFolders = ['cifar-10-batches-bin', 'cifar-10-batches-py'];

/**
 * The batches found below the folder `folder`, in the order of `names`; those that are missing are left out.
 * Where both versions lie side by side the binary one is read.
 */
export async function readBatchFolder(folder: string, search: BatchSearch): Promise<CifarBatch[]> {
  for (const candidate of [folder, ...batchFolders.map((name) => join(folder, name))]) {
    const present = await readdir(candidate).catch((): string[] => []);
    for (const ending of ['.bin', '']) {
      const names = search.names.map((name) => name + ending).filter((name) => present.includes(name));
      if (names.length > 0) return readBatchFiles(candidate, names, search);
    }
  }
  return [];
}

async function readBatchFiles(
  folder: string,
  names: readonly string[],
  search: BatchSearch,
): Promise<CifarBatch[]> {
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

/**
 * The batches among the members of a `.tar.gz`, in the order of `names`. Members are read from the stream by their
 * base name; nothing is written to disk.
 * @throws Error when the archive is truncated, damaged, no gzip file, has links, names with `..`, or repeated batches.
 */
export async function readBatchArchive(file: string, search: BatchSearch): Promise<CifarBatch[]> {
  await refuseForeignFile(file);
  const unpacked = extract();
  const flow = pipeline(createReadStream(file), createGunzip(), unpacked, { signal: search.signal });
  // The loop below meets the same failure first; without a listener Node would end the process.
  flow.catch(() => undefined);
  const batches = new Map<string, CifarBatch>();
  try {
    for await (const entry of unpacked) await readMember(entry, batches, search);
    await flow;
  } catch (error) {
    unpacked.destroy();
    search.signal?.throwIfAborted();
    const { size } = await stat(file);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${file} (${size} bytes) cannot be used: ${reason} Expected a complete CIFAR-10 .tar.gz.`,
      {
        cause: error,
      },
    );
  }
  const position = (batch: CifarBatch) => search.names.indexOf(stem(batch.name));
  return [...batches.values()].sort((one, other) => position(one) - position(other));
}

type Member = Extract extends AsyncIterable<infer Source> ? Source : never;

async function readMember(
  entry: Member,
  batches: Map<string, CifarBatch>,
  search: BatchSearch,
): Promise<void> {
  const { name, type, size } = entry.header;
  refuseUnsafeMember(name, type);
  const base = basename(name);
  if (type !== 'file' || !search.names.includes(stem(base))) {
    entry.resume();
    return;
  }
  if (batches.has(stem(base)))
    throw new Error(`The member "${name}" appears a second time. Fetch the archive again.`);
  refuseLargeBatch(name, size ?? 0);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const batch = readBatch(base, Buffer.concat(chunks));
  batches.set(stem(base), batch);
  search.onBatch?.(batch);
}

function stem(name: string): string {
  return name.replace(/\.bin$/, '');
}

function refuseUnsafeMember(name: string, type: string | null | undefined): void {
  const isOutside = name.startsWith('/') || name.split(/[\\/]/).includes('..');
  if (isOutside || type === 'link' || type === 'symlink') {
    const found = isOutside ? 'a path that leaves the archive' : 'a link';
    throw new Error(
      `The member "${name}" is ${found}, which no CIFAR-10 archive has. Fetch the official archive.`,
    );
  }
}

function refuseLargeBatch(name: string, size: number): void {
  if (size > largestBatchBytes) {
    throw new Error(
      `${name} has ${size} bytes, expected at most ${largestBatchBytes}: no CIFAR-10 batch file.`,
    );
  }
}

async function refuseForeignFile(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const start = new Uint8Array(256);
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    refusePointer(file, start.subarray(0, bytesRead));
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      const found = Buffer.from(start.subarray(0, Math.min(bytesRead, 4))).toString('hex') || 'nothing';
      throw new Error(
        `${file} is no gzip file: it starts with ${found}, expected 1f8b. Give a CIFAR-10 .tar.gz or a folder of batch files.`,
      );
    }
  } finally {
    await handle.close();
  }
}

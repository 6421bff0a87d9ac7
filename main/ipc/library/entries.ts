/** The entries of the data library: what is always there, what the user added, and what runs were trained on. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DataSetEntry, DataSetState } from '../../../shared/dataLibrary.ts';
import { parseDataSource, type DataSource } from '../../../shared/dataset.ts';
import { officialCifarArchive } from '../../datasets/cifar10.ts';
import type { RemoteArchive } from '../../datasets/download.ts';
import { listDataSets, listSourceUses, type SourceUse, type StoredDataSet } from '../../store/datasets.ts';
import type { LabDatabase } from '../../store/database/database.ts';

/** Always on the list. */
const builtIn = ['synthetic', 'cifar10'];
const syntheticImages = { trainImages: 4000, testImages: 1000 };
const officialImages = { trainImages: 50_000, testImages: 10_000 };

/** A source with all that the store knows of it. */
export interface KnownSource {
  readonly id: string;
  readonly source: string;
  readonly parsed: DataSource;
  readonly stored: StoredDataSet | undefined;
  readonly use: SourceUse | undefined;
}

/** In the order they are listed; sources of runs that cannot be parsed, or are on another machine, are left out. */
export function listKnownSources(db: LabDatabase): KnownSource[] {
  const stored = listDataSets(db);
  const uses = listSourceUses(db);
  const added = stored.filter(({ isAdded }) => isAdded);
  const sources = new Set([...builtIn, ...[...added, ...uses].map(({ source }) => source)]);
  return [...sources].flatMap((source) => {
    const parsed = tryParse(source);
    const of = {
      stored: stored.find((row) => row.source === source),
      use: uses.find((use) => use.source === source),
    };
    return parsed && parsed.kind !== 'elsewhere' ? [{ id: idOfSource(source), source, parsed, ...of }] : [];
  });
}

/** The same source has the same id for ever, and no path can be read from it. */
export function idOfSource(source: string): string {
  if (builtIn.includes(source)) return source;
  const kind = source.slice(0, source.indexOf(':'));
  return `${kind}-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`;
}

/** How a source is read here: a download by its file, so that reading never begins to download. */
export function readableSource(
  source: string,
  { cacheFolder, archive }: { readonly cacheFolder: string; readonly archive?: RemoteArchive },
): string {
  return source === 'cifar10' ? `cifar10:${cifarArchivePath(cacheFolder, archive)}` : source;
}

/** Where CIFAR-10 is kept once it was downloaded. */
export function cifarArchivePath(cacheFolder: string, archive: RemoteArchive = officialCifarArchive): string {
  return join(cacheFolder, 'datasets', basename(new URL(archive.url).pathname));
}

export interface EntryOptions {
  readonly cacheFolder: string;
  readonly archive: RemoteArchive | undefined;
  readonly task: 'downloading' | 'verifying' | null;
}

export async function describeEntry(known: KnownSource, options: EntryOptions): Promise<DataSetEntry> {
  const { id, source, parsed, stored, use } = known;
  const { bytes } = options.archive ?? officialCifarArchive;
  const isDownload = source === 'cifar10';
  const location = isDownload ? cifarArchivePath(options.cacheFolder, options.archive) : pathOf(parsed);
  const found = location === null ? null : await stat(location).catch(() => null);
  const isThere = location === null || (isDownload ? found?.size === bytes : found !== null);
  const problem = findProblem(known, { location, isThere });
  const state = options.task ?? stateOf(source, isThere, problem);
  return {
    ...{ id, kind: parsed.kind, ...wordsOf(parsed), state },
    location: isDownload && !isThere ? null : location,
    ...countsOf(known),
    bytes: found?.isFile() && isThere ? found.size : isDownload ? bytes : null,
    checksum: stored?.checksum ?? null,
    notes: stored?.notes.length ? stored.notes : (use?.dataset?.notes ?? []),
    problem,
    runs: use?.runs ?? 0,
    removable: isDownload ? isThere && options.task === null : (stored?.isAdded ?? false) && !use,
  };
}

function stateOf(source: string, isThere: boolean, problem: string | null): DataSetState {
  if (source === 'cifar10' && !isThere) return 'absent';
  return problem === null ? 'ready' : 'broken';
}

function findProblem(
  { source, stored }: KnownSource,
  at: { location: string | null; isThere: boolean },
): string | null {
  if (at.isThere) return stored?.problem ?? null;
  if (source === 'cifar10') return stored?.problem ?? null;
  return `${at.location} is not there. Put it back where it was; runs trained on it cannot go on without it.`;
}

function countsOf({
  source,
  parsed,
  stored,
  use,
}: KnownSource): Pick<DataSetEntry, 'trainImages' | 'testImages'> {
  if (parsed.kind === 'synthetic') return syntheticImages;
  if (stored && stored.trainImages !== null)
    return { trainImages: stored.trainImages, testImages: stored.testImages };
  if (source === 'cifar10') return officialImages;
  const seen = use?.dataset;
  return { trainImages: seen?.split === 'train' ? seen.count : null, testImages: null };
}

function wordsOf({ kind, argument }: DataSource): Pick<DataSetEntry, 'title' | 'description'> {
  if (kind === 'synthetic') {
    const title = argument === undefined ? 'Synthetic pictures' : `Synthetic pictures, seed ${argument}`;
    return {
      title,
      description: 'Made on this machine: shapes and textures with the statistics of photographs.',
    };
  }
  if (kind === 'cifar10') {
    const title = argument === undefined ? 'CIFAR-10' : `CIFAR-10 in ${basename(argument)}`;
    return { title, description: 'Photographs of 32×32 pixels in ten classes (Krizhevsky 2009).' };
  }
  const title = basename(argument ?? '') || (argument ?? '');
  return {
    title,
    description: 'Your own pictures: every PNG, JPEG and WebP file in the folder and below it.',
  };
}

function pathOf({ kind, argument }: DataSource): string | null {
  return kind === 'synthetic' ? null : (argument ?? null);
}

function tryParse(source: string): DataSource | null {
  try {
    return parseDataSource(source);
  } catch {
    return null;
  }
}

/** The entries of the data library: what is always there, what the user added, and what runs were trained on. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DataSetEntry, DataSetState } from '../../../shared/dataLibrary.ts';
import {
  dataSourceKinds,
  dataSourceTraits,
  isDownload,
  isGenerated,
  lastPathPart,
  parseDataSource,
  pathOfSource,
  type DataSource,
} from '../../../shared/dataset.ts';
import { officialCifarArchive } from '../../datasets/cifar10.ts';
import type { RemoteArchive } from '../../datasets/download.ts';
import { listDataSets, listSourceUses, type SourceUse, type StoredDataSet } from '../../store/datasets.ts';
import type { LabDatabase } from '../../store/database/database.ts';

/** Sources that are always on the list. */
const builtIn: readonly string[] = dataSourceKinds.filter(
  (kind) => dataSourceTraits[kind].isArgumentOptional,
);

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
    return parsed && dataSourceTraits[parsed.kind].argument !== 'name'
      ? [{ id: idOfSource(source), source, parsed, ...of }]
      : [];
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
  const parsed = parseDataSource(source);
  return isDownload(parsed) ? `${parsed.kind}:${cifarArchivePath(cacheFolder, archive)}` : source;
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
  const { id, parsed, stored, use } = known;
  const { bytes } = options.archive ?? officialCifarArchive;
  const isDownloaded = isDownload(parsed);
  const location = isDownloaded
    ? cifarArchivePath(options.cacheFolder, options.archive)
    : pathOfSource(parsed);
  const found = location === null ? null : await stat(location).catch(() => null);
  const isThere = location === null || (isDownloaded ? found?.size === bytes : found !== null);
  const problem = findProblem(known, { location, isThere });
  const state = options.task ?? stateOf(parsed, isThere, problem);
  return {
    ...{ id, kind: parsed.kind, ...wordsOf(parsed), state },
    location: isDownloaded && !isThere ? null : location,
    ...countsOf(known),
    bytes: found?.isFile() && isThere ? found.size : isDownloaded ? bytes : null,
    checksum: stored?.checksum ?? null,
    notes: stored?.notes.length ? stored.notes : (use?.dataset?.notes ?? []),
    problem,
    runs: use?.runs ?? 0,
    removable: isDownloaded ? isThere && options.task === null : (stored?.isAdded ?? false) && !use,
  };
}

function stateOf(source: DataSource, isThere: boolean, problem: string | null): DataSetState {
  if (isDownload(source) && !isThere) return 'absent';
  return problem === null ? 'ready' : 'broken';
}

function findProblem(
  { parsed, stored }: KnownSource,
  at: { location: string | null; isThere: boolean },
): string | null {
  if (at.isThere || isDownload(parsed)) return stored?.problem ?? null;
  return `${at.location} is not there. Put it back where it was; runs trained on it cannot go on without it.`;
}

function countsOf({ parsed, stored, use }: KnownSource): Pick<DataSetEntry, 'trainImages' | 'testImages'> {
  const { images } = dataSourceTraits[parsed.kind];
  const known = images && { trainImages: images.train, testImages: images.test };
  if (known && isGenerated(parsed)) return known;
  if (stored && stored.trainImages !== null)
    return { trainImages: stored.trainImages, testImages: stored.testImages };
  if (known && isDownload(parsed)) return known;
  const seen = use?.dataset;
  return { trainImages: seen?.split === 'train' ? seen.count : null, testImages: null };
}

function wordsOf({ kind, argument }: DataSource): Pick<DataSetEntry, 'title' | 'description'> {
  const { title, description } = dataSourceTraits[kind];
  return { title: title(argument, lastPathPart(argument ?? '')), description };
}

function tryParse(source: string): DataSource | null {
  try {
    return parseDataSource(source);
  } catch {
    return null;
  }
}

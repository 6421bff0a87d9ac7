/** The entries of the dataset library: built-in datasets, folders that the user added, and sources of runs. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatasetEntry, DatasetState } from '../../../shared/dataLibrary.ts';
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
import { listDatasets, listSourceUses, type SourceUse, type StoredDataset } from '../../store/datasets.ts';
import type { LabDatabase } from '../../store/database/database.ts';

/** Sources that are always on the list. */
const builtIn: readonly string[] = dataSourceKinds.filter(
  (kind) => dataSourceTraits[kind].isArgumentOptional,
);

/** A source with everything that the store knows about it. */
export interface KnownSource {
  readonly id: string;
  readonly source: string;
  readonly parsed: DataSource;
  readonly stored: StoredDataset | undefined;
  readonly use: SourceUse | undefined;
}

/** Returns the sources in list order, without sources of runs that cannot be parsed or are on another machine. */
export function listKnownSources(db: LabDatabase): KnownSource[] {
  const stored = listDatasets(db);
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

/** Returns the stable ID of a source, which does not reveal its path. */
export function idOfSource(source: string): string {
  if (builtIn.includes(source)) return source;
  const kind = source.slice(0, source.indexOf(':'));
  return `${kind}-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`;
}

/** Returns the source to read: a download by its file, so that reading never starts a download. */
export function readableSource(
  source: string,
  { cacheFolder, archive }: { readonly cacheFolder: string; readonly archive?: RemoteArchive },
): string {
  const parsed = parseDataSource(source);
  return isDownload(parsed) ? `${parsed.kind}:${cifarArchivePath(cacheFolder, archive)}` : source;
}

/** Returns the path of the downloaded CIFAR-10 archive. */
export function cifarArchivePath(cacheFolder: string, archive: RemoteArchive = officialCifarArchive): string {
  return join(cacheFolder, 'datasets', basename(new URL(archive.url).pathname));
}

export interface EntryOptions {
  readonly cacheFolder: string;
  readonly archive: RemoteArchive | undefined;
  readonly task: 'downloading' | 'verifying' | null;
}

export async function describeEntry(known: KnownSource, options: EntryOptions): Promise<DatasetEntry> {
  const { id, parsed } = known;
  const archiveBytes = isDownload(parsed) ? (options.archive ?? officialCifarArchive).bytes : null;
  const location =
    archiveBytes === null ? pathOfSource(parsed) : cifarArchivePath(options.cacheFolder, options.archive);
  const { isThere, bytes } = await findFile(location, archiveBytes);
  const problem = findProblem(known, { location, isThere });
  return {
    id,
    kind: parsed.kind,
    ...describeTraits(parsed),
    state: options.task ?? stateOf(parsed, isThere, problem),
    location: isThere || archiveBytes === null ? location : null,
    ...countsOf(known),
    bytes: bytes ?? archiveBytes,
    ...factsOf(known),
    problem,
    removable: archiveBytes === null ? isRemovable(known) : isThere && options.task === null,
  };
}

/** Looks for a file or folder; `expected`: the size in bytes of a complete file. `bytes` is null for a folder. */
async function findFile(
  location: string | null,
  expected: number | null,
): Promise<{ isThere: boolean; bytes: number | null }> {
  if (location === null) return { isThere: true, bytes: null };
  const found = await stat(location).catch(() => null);
  const isThere = found !== null && (expected === null || found.size === expected);
  return { isThere, bytes: isThere && found.isFile() ? found.size : null };
}

/** Returns what is known of the dataset from reading it and from its runs. */
function factsOf({ stored, use }: KnownSource): Pick<DatasetEntry, 'checksum' | 'notes' | 'runs'> {
  return {
    checksum: stored?.checksum ?? null,
    notes: stored?.notes.length ? stored.notes : (use?.dataset?.notes ?? []),
    runs: use?.runs ?? 0,
  };
}

/** Whether the user added the dataset and no run was trained on it. */
function isRemovable({ stored, use }: KnownSource): boolean {
  return (stored?.isAdded ?? false) && !use;
}

function stateOf(source: DataSource, isThere: boolean, problem: string | null): DatasetState {
  if (isDownload(source) && !isThere) return 'absent';
  return problem === null ? 'ready' : 'broken';
}

function findProblem(
  { parsed, stored }: KnownSource,
  at: { location: string | null; isThere: boolean },
): string | null {
  if (at.isThere || isDownload(parsed)) return stored?.problem ?? null;
  return `${at.location} does not exist. Put it back; runs trained on it cannot continue without it.`;
}

function countsOf({ parsed, stored, use }: KnownSource): Pick<DatasetEntry, 'trainImages' | 'testImages'> {
  const { images } = dataSourceTraits[parsed.kind];
  const known = images && { trainImages: images.train, testImages: images.test };
  if (known && isGenerated(parsed)) return known;
  if (stored && stored.trainImages !== null)
    return { trainImages: stored.trainImages, testImages: stored.testImages };
  if (known && isDownload(parsed)) return known;
  const seen = use?.dataset;
  return { trainImages: seen?.split === 'train' ? seen.count : null, testImages: null };
}

function describeTraits({ kind, argument }: DataSource): Pick<DatasetEntry, 'title' | 'description'> {
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

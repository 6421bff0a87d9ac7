/** What a run says of the machine it was made on, left out: folders, and with them the names of their owners. */

import { userInfo } from 'node:os';
import {
  type DatasetInfo,
  dataSourceTraits,
  parseDataSource,
  pathOfSource,
} from '../../../shared/dataset.ts';

const longestName = 100;

/**
 * A data source that means the same on every machine; pictures of a folder become `elsewhere:<its name>`.
 * `dataset`: what was found there; null: not known.
 */
export function portableSource(source: string, dataset: Pick<DatasetInfo, 'count'> | null): string {
  const parsed = parseDataSource(source);
  const path = pathOfSource(parsed);
  if (path === null) return source;
  const { isDownload, images } = dataSourceTraits[parsed.kind];
  const isComplete = isDownload && (dataset === null || dataset.count === images?.train);
  return isComplete ? parsed.kind : `elsewhere:${nameOf(path)}`;
}

/** Name of the pictures behind a portable source that are not on every machine. */
export function missingDataOf(source: string): string | null {
  const { kind, argument } = parseDataSource(source);
  return dataSourceTraits[kind].argument === 'name' ? (argument ?? null) : null;
}

/** The same data, told without folders. */
export function portableDataset(dataset: DatasetInfo | null): DatasetInfo | null {
  if (dataset === null) return null;
  const source = portableSource(dataset.source, dataset);
  // Notes on a folder name its files, and what the system said of them.
  const notes = dataset.notes.filter((note) => source === dataset.source || !namesPlace(note));
  // What was refused here says nothing of the images elsewhere.
  return { ...dataset, source, notes, refused: undefined };
}

/** An error that names a place is told by its machine's own log alone. */
export function portableError(error: string | null): string | null {
  if (error === null || !namesPlace(error)) return error;
  return 'It failed on the machine it came from; why stands in the log there.';
}

/** The configuration that a checkpoint carries as JSON, with the run's portable source; other text stays as it is. */
export function portableConfigText(text: string, source: string): string {
  const config: unknown = JSON.parse(text);
  if (typeof config !== 'object' || config === null || !('data' in config)) return text;
  const { data } = config;
  if (typeof data !== 'object' || data === null || !('source' in data) || data.source === source) return text;
  return JSON.stringify({ ...config, data: { ...data, source } });
}

/** Last part of a path; a home folder is named by its owner, so that its name is not told. */
function nameOf(path: string): string {
  const name = path.split(/[\\/]/).findLast((part) => part !== '' && !/^\.+$/.test(part)) ?? '';
  const visible = name.replace(/\p{Cc}+/gu, ' ').slice(0, longestName);
  return visible === '' || visible === ownerName() ? 'pictures' : visible;
}

function ownerName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the user database has no name to hide.
    return '';
  }
}

function namesPlace(text: string): boolean {
  return /[\\/]/.test(text);
}

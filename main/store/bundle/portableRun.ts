/** Removes from a run what identifies its machine: folders, and with them the names of their owners. */

import { userInfo } from 'node:os';
import {
  type DatasetInfo,
  dataSourceTraits,
  parseDataSource,
  pathOfSource,
} from '../../../shared/dataset.ts';

const longestName = 100;

/**
 * Returns a data source that means the same on every machine; a folder becomes `elsewhere:<folder name>`.
 * `dataset`: the images found there; null if unknown.
 */
export function portableSource(source: string, dataset: Pick<DatasetInfo, 'count'> | null): string {
  const parsed = parseDataSource(source);
  const path = pathOfSource(parsed);
  if (path === null) return source;
  const { isDownload, images } = dataSourceTraits[parsed.kind];
  const isComplete = isDownload && (dataset === null || dataset.count === images?.train);
  return isComplete ? parsed.kind : `elsewhere:${nameOf(path)}`;
}

/** Returns the name of the images that are missing here; null for a source that any machine can open. */
export function missingDataOf(source: string): string | null {
  const { kind, argument } = parseDataSource(source);
  return dataSourceTraits[kind].argument === 'name' ? (argument ?? null) : null;
}

/** Returns the dataset description without folders. */
export function portableDataset(dataset: DatasetInfo | null): DatasetInfo | null {
  if (dataset === null) return null;
  const source = portableSource(dataset.source, dataset);
  // Notes on a folder contain file names and system messages.
  const notes = dataset.notes.filter((note) => source === dataset.source || !namesPlace(note));
  // A refusal on this machine says nothing about the images on another one.
  return { ...dataset, source, notes, refused: undefined };
}

/** Returns an error message without paths: one with a path stays in the log of its machine. */
export function portableError(error: string | null): string | null {
  if (error === null || !namesPlace(error)) return error;
  return 'It failed on the machine it came from; the reason is in the log there.';
}

/** Returns the JSON configuration of a checkpoint with the run's portable source; other text is returned unchanged. */
export function portableConfigText(text: string, source: string): string {
  const config: unknown = JSON.parse(text);
  if (typeof config !== 'object' || config === null || !('data' in config)) return text;
  const { data } = config;
  if (typeof data !== 'object' || data === null || !('source' in data) || data.source === source) return text;
  return JSON.stringify({ ...config, data: { ...data, source } });
}

/** Returns the last part of a path, but not the user's name, which is also the name of a home folder. */
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

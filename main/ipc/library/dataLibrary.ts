/** The datasets known to the application: listing, downloading, verifying, adding and removing them. */

import { realpath, rm } from 'node:fs/promises';
import sharp from 'sharp';
import { describeError } from '../../../shared/text/describeError.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { isDownload, parseDataSource } from '../../../shared/dataset.ts';
import { type RemoteArchive, removeParts } from '../../datasets/download.ts';
import type { Send } from '../../jobs/liveEvents.ts';
import { addDataset, removeDataset } from '../../store/datasets.ts';
import type { Store } from '../../store/store.ts';
import { RequestFailure } from '../failure.ts';
import { createDataTasks, type DataTasks } from './dataTasks.ts';
import {
  cifarArchivePath,
  describeEntry,
  idOfSource,
  type KnownSource,
  listKnownSources,
  readableSource,
} from './entries.ts';
import { findDatasetKind } from './folders.ts';
import { readDataset } from './readDataset.ts';

export interface DataLibrary {
  list(): Promise<DatasetEntry[]>;
  /** @throws RequestFailure when there is no such dataset, like all functions that take an ID. */
  find(id: string): Promise<DatasetEntry>;
  sourceOf(id: string): string;
  /** Returns null if the source is not listed. */
  idOf(source: string): string | null;
  download(id: string): Promise<DatasetEntry>;
  verify(id: string): Promise<DatasetEntry>;
  cancel(id: string): Promise<DatasetEntry>;
  remove(id: string): Promise<void>;
  /** Adds a folder to the list and reads it in the background. */
  addFolder(path: string): Promise<DatasetEntry>;
  /** Returns a PNG; null if the images cannot be read. */
  contactSheet(id: string): Promise<Uint8Array | null>;
  /** Sends the list to all pages. */
  announce(): void;
  /** Cancels background tasks. */
  close(): Promise<void>;
}

export interface DataLibraryOptions {
  readonly store: Store;
  readonly cacheFolder: string;
  readonly send: Send;
  /** Archive downloaded as CIFAR-10; default: the official one. */
  readonly archive?: RemoteArchive;
}

interface Library extends DataLibraryOptions {
  readonly tasks: DataTasks;
  /** Encoded contact sheets by source, until the dataset changes. */
  readonly sheets: Map<string, Promise<Uint8Array | null>>;
}

export function openDataLibrary(options: DataLibraryOptions): DataLibrary {
  const { store, send } = options;
  const announce = () => void listEntries(library).then((entries) => send('data.changed', entries));
  const tasks = createDataTasks({
    ...options,
    onChange: announce,
    onProgress: (source, progress) => send('data.progress', { id: idOfSource(source), ...progress }),
    onNotice: (notice) => send('notice', notice),
  });
  const library: Library = { ...options, tasks, sheets: new Map() };
  const afterwards = async (id: string, work: (source: string) => Promise<void> | void) => {
    const { source } = requireSource(library, id);
    library.sheets.delete(source);
    await work(source);
    return findEntry(library, id);
  };
  return {
    announce,
    list: () => listEntries(library),
    find: (id) => findEntry(library, id),
    sourceOf: (id) => requireSource(library, id).source,
    idOf: (source) => listKnownSources(store.db).find((known) => known.source === source)?.id ?? null,
    download: (id) => afterwards(id, (source) => startDownload(library, source)),
    verify: (id) => afterwards(id, (source) => tasks.verify(source)),
    cancel: (id) => afterwards(id, (source) => tasks.cancel(source)),
    remove: (id) => removeEntry(library, id).then(announce),
    addFolder: (path) => addFolder(library, path),
    async contactSheet(id) {
      const { state } = await findEntry(library, id);
      return state === 'ready' || state === 'verifying'
        ? readSheet(library, requireSource(library, id).source)
        : null;
    },
    close: () => tasks.close(),
  };
}

function requireSource({ store }: Library, id: string): KnownSource {
  const known = listKnownSources(store.db).find((candidate) => candidate.id === id);
  if (known) return known;
  throw new RequestFailure('notFound', `Dataset ${id} is no longer on the list. Choose another one.`);
}

function listEntries(library: Library): Promise<DatasetEntry[]> {
  return Promise.all(listKnownSources(library.store.db).map((known) => describe(library, known)));
}

async function findEntry(library: Library, id: string): Promise<DatasetEntry> {
  return describe(library, requireSource(library, id));
}

function describe({ cacheFolder, tasks, archive }: Library, known: KnownSource): Promise<DatasetEntry> {
  return describeEntry(known, { cacheFolder, archive, task: tasks.phaseOf(known.source) });
}

function startDownload({ tasks }: Library, source: string): void {
  if (!isDownload(parseDataSource(source)))
    throw new RequestFailure('conflict', 'Only CIFAR-10 can be downloaded. Verify this dataset instead.');
  tasks.download(source);
}

async function removeEntry(library: Library, id: string): Promise<void> {
  const { store, cacheFolder, tasks } = library;
  const { source } = requireSource(library, id);
  const { removable, runs } = await findEntry(library, id);
  if (!removable) {
    const reason =
      runs > 0
        ? `${formatPlural(runs, 'run was', 'runs were')} trained on it`
        : 'it belongs to the application';
    throw new RequestFailure('conflict', `This dataset cannot be removed from the list: ${reason}.`);
  }
  await tasks.cancel(source);
  const archive = cifarArchivePath(cacheFolder, library.archive);
  if (isDownload(parseDataSource(source)))
    await Promise.all([rm(archive, { force: true }), removeParts(archive)]);
  library.sheets.delete(source);
  removeDataset(store.db, source);
}

async function addFolder(library: Library, path: string): Promise<DatasetEntry> {
  const source = await sourceOfFolder(path);
  addDataset(library.store.db, source);
  library.tasks.verify(source);
  return findEntry(library, idOfSource(source));
}

async function sourceOfFolder(path: string): Promise<string> {
  try {
    const folder = await realpath(path);
    const source = `${await findDatasetKind(folder)}:${folder}`;
    parseDataSource(source);
    return source;
  } catch (error) {
    if (error instanceof RequestFailure) throw error;
    const message = `The folder ${path} cannot be read (${describeError(error)}). Choose another one.`;
    throw new RequestFailure('conflict', message, { cause: error });
  }
}

function readSheet(library: Library, source: string): Promise<Uint8Array | null> {
  const { sheets, cacheFolder } = library;
  const known = sheets.get(source);
  if (known) return known;
  const place = readableSource(source, library);
  const reading = readDataset({ source: place, split: 'train', cacheFolder, first: sheetImages })
    .then(({ pixels }) => encodeContactSheet(pixels ?? new Uint8Array(0)))
    .catch(() => {
      sheets.delete(source);
      return null;
    });
  sheets.set(source, reading);
  return reading;
}

const side = 8;
const size = 32;

/** Number of images on a contact sheet. */
const sheetImages = side * side;

/** Encodes an 8 × 8 contact sheet. `pixels`: count × 32 × 32 × 3 bytes. Unused cells stay transparent. */
function encodeContactSheet(pixels: Uint8Array): Promise<Uint8Array> {
  const width = side * size;
  const sheet = new Uint8Array(width * width * 4);
  const count = Math.min(sheetImages, pixels.length / (size * size * 3));
  for (let pixel = 0; pixel < count * size * size; pixel++) {
    const image = Math.floor(pixel / (size * size));
    const x = (image % side) * size + (pixel % size);
    const y = Math.floor(image / side) * size + (Math.floor(pixel / size) % size);
    sheet.set(pixels.subarray(pixel * 3, pixel * 3 + 3), (y * width + x) * 4);
    sheet[(y * width + x) * 4 + 3] = 255;
  }
  return sharp(sheet, { raw: { width, height: width, channels: 4 } })
    .png()
    .toBuffer();
}

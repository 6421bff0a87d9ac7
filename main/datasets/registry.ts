/** The registry of data sources; `dataSourceTraits` in shared/dataset.ts describes each kind. */

import {
  type DataSourceKind,
  explainElsewhere,
  isBoundToMachine,
  parseDataSource,
} from '../../shared/dataset.ts';
import type { Dataset, OpenOptions, OpenSource } from './dataset.ts';

/** Loads a source when one of its kind is opened: decoders and readers of archives take long to load. */
const dataSources: Readonly<Record<DataSourceKind, () => OpenSource | Promise<OpenSource>>> = {
  synthetic: async () => (await import('./synthetic.ts')).openSynthetic,
  shapes: async () => (await import('./synthetic.ts')).openShapes,
  cifar10: async () => (await import('./cifar10.ts')).openCifar10,
  folder: async () => (await import('./folder.ts')).openFolder,
  elsewhere: () => openElsewhere,
};

/**
 * Opens a data source as users write it: `synthetic[:seed]`, `shapes[:seed]`, `cifar10[:path]` or `folder:<path>`.
 * @throws Error when the source is unknown, the image size is out of range, or nothing usable is found there; the
 * signal's reason when aborted.
 */
export async function openDataset(source: string, options: OpenOptions): Promise<Dataset> {
  const { kind, argument } = parseDataSource(source);
  const { imageSize } = options;
  if (!Number.isInteger(imageSize) || imageSize < 8 || imageSize > 256) {
    throw new Error(`data.imageSize is ${imageSize}: expected a whole number of pixels from 8 to 256.`);
  }
  options.signal?.throwIfAborted();
  const open = await dataSources[kind]();
  return open(source, argument, options);
}

/**
 * Checks that a source can be read, by its first image. Sources that would have to be downloaded are not checked.
 * @throws Error as `openDataset`.
 */
export async function checkDataSource(
  source: string,
  options: Omit<OpenOptions, 'split' | 'first'>,
): Promise<void> {
  if (!isBoundToMachine(parseDataSource(source))) return;
  await openDataset(source, { ...options, split: 'train', first: 1 });
}

/** Rejects with an Error that names the missing images and says how to locate them. */
function openElsewhere(_source: string, name: string | undefined): Promise<Dataset> {
  return Promise.reject(new Error(explainElsewhere(name ?? '')));
}

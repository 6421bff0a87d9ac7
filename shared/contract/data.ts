/** Requests about datasets. */

import { z } from 'zod';
import { datasetIdSchema, type DatasetEntry, type FolderListing, type RecentFolder } from '../dataLibrary.ts';
import { answers } from './define.ts';

const oneDataset = z.strictObject({ id: datasetIdSchema });
const folderId = z.string().regex(/^[a-z0-9]{16}$/, 'expected the id of a folder that was listed');

export const dataRequests = {
  'data.list': answers<readonly DatasetEntry[]>()(z.strictObject({})),
  /** Downloads and verifies in the background; events report the progress. */
  'data.download': answers<DatasetEntry>()(oneDataset),
  'data.cancel': answers<DatasetEntry>()(oneDataset),
  /** Reads every image and compares checksums; events report the progress. */
  'data.verify': answers<DatasetEntry>()(oneDataset),
  /** Removes a folder of the user from the list, or deletes a download. Images in folders of the user are never touched. */
  'data.remove': answers<null>()(oneDataset),
  /** Opens the native dialog; null: cancelled. Unavailable in a browser: use `folders.list`. */
  'data.chooseFolder': answers<DatasetEntry | null>()(z.strictObject({})),
  /** Lists a folder by its ID; null: the home folder. IDs are valid until the application ends. */
  'folders.list': answers<FolderListing>()(z.strictObject({ id: folderId.nullable() })),
  /**
   * Lists the folder at a path that was typed or pasted: absolute, from the home folder (`~`), in quotes, as a `file:` address,
   * or relative to the folder `from` (null: the home folder).
   */
  'folders.find': answers<FolderListing>()(
    z.strictObject({ path: z.string().min(1).max(8192), from: folderId.nullable() }),
  ),
  /** Folders that were added as datasets, the newest first. */
  'folders.recent': answers<readonly RecentFolder[]>()(z.strictObject({})),
  /** Adds a listed folder as a dataset: CIFAR-10 if it holds its batches, otherwise a folder of images. */
  'data.addFolder': answers<DatasetEntry>()(z.strictObject({ folderId })),
} as const;

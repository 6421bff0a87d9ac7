/** Requests about datasets. */

import { z } from 'zod';
import { dataSetIdSchema, type DataSetEntry, type FolderListing } from '../dataLibrary.ts';
import { answers } from './define.ts';

const oneDataSet = z.strictObject({ id: dataSetIdSchema });
const folderId = z.string().regex(/^[a-z0-9]{16}$/, 'expected the id of a folder that was listed');

export const dataRequests = {
  'data.list': answers<readonly DataSetEntry[]>()(z.strictObject({})),
  /** Downloads and verifies in the background; events report the progress. */
  'data.download': answers<DataSetEntry>()(oneDataSet),
  'data.cancel': answers<DataSetEntry>()(oneDataSet),
  /** Reads every image and compares checksums; events report the progress. */
  'data.verify': answers<DataSetEntry>()(oneDataSet),
  /** Removes a folder of the user from the list, or deletes a download. Images in folders of the user are never touched. */
  'data.remove': answers<null>()(oneDataSet),
  /** Opens the native dialog; null: cancelled. Unavailable in a browser: use `folders.list`. */
  'data.chooseFolder': answers<DataSetEntry | null>()(z.strictObject({})),
  /** Lists a folder by its ID; null: the home folder. IDs are valid until the application ends. */
  'folders.list': answers<FolderListing>()(z.strictObject({ id: folderId.nullable() })),
  /** Adds a listed folder as a dataset: CIFAR-10 if it holds its batches, otherwise a folder of images. */
  'data.addFolder': answers<DataSetEntry>()(z.strictObject({ folderId })),
} as const;

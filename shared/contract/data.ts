/** Requests about data sets. */

import { z } from 'zod';
import { dataSetIdSchema, type DataSetEntry, type FolderListing } from '../dataLibrary.ts';
import { answers } from './define.ts';

const oneDataSet = z.strictObject({ id: dataSetIdSchema });
const folderId = z.string().regex(/^[a-z0-9]{16}$/, 'expected the id of a folder that was listed');

export const dataRequests = {
  'data.list': answers<readonly DataSetEntry[]>()(z.strictObject({})),
  /** Downloads and verifies in the background; events tell the progress. */
  'data.download': answers<DataSetEntry>()(oneDataSet),
  'data.cancel': answers<DataSetEntry>()(oneDataSet),
  /** Reads every picture and compares checksums; events tell the progress. */
  'data.verify': answers<DataSetEntry>()(oneDataSet),
  /** Takes an own folder off the list, or deletes a download; pictures of own folders are never touched. */
  'data.remove': answers<null>()(oneDataSet),
  /** Opens the native dialog; null: cancelled. Unavailable in a browser: use `folders.list`. */
  'data.chooseFolder': answers<DataSetEntry | null>()(z.strictObject({})),
  /** Lists a folder by its id; null: the home folder. Ids live until the application ends. */
  'folders.list': answers<FolderListing>()(z.strictObject({ id: folderId.nullable() })),
  /** Adds a listed folder as a data set: of CIFAR-10 batches where it looks so, else of pictures. */
  'data.addFolder': answers<DataSetEntry>()(z.strictObject({ folderId })),
} as const;

/** The datasets the application knows: the page names them by id, paths stay on the main side. */

import { z } from 'zod';
import type { DataSourceKind } from './dataset.ts';

export const datasetIdSchema = z.string().regex(/^[a-z0-9-]{1,40}$/, 'expected the id of a dataset');

export type DatasetState =
  /** Can be trained on. */
  | 'ready'
  /** Can be downloaded. */
  | 'absent'
  | 'downloading'
  | 'verifying'
  /** Its folder is gone or not readable; `problem` says what to do. */
  | 'broken';

export interface DatasetEntry {
  readonly id: string;
  readonly kind: DataSourceKind;
  readonly title: string;
  /** One sentence: what is in it. */
  readonly description: string;
  readonly state: DatasetState;
  /** Where it lies, to be read by people. */
  readonly location: string | null;
  /** Images of each split; null while unknown. */
  readonly trainImages: number | null;
  readonly testImages: number | null;
  readonly bytes: number | null;
  /** SHA-256 (hex) of the 8-bit pixels of the training split at 32×32; null before it was verified. */
  readonly checksum: string | null;
  readonly notes: readonly string[];
  readonly problem: string | null;
  /** Runs trained on it. */
  readonly runs: number;
  /** Whether the user may take it off the list. */
  readonly removable: boolean;
}

/** Progress of downloading or verifying a dataset. */
export interface LibraryProgress {
  readonly id: string;
  readonly phase: 'connecting' | 'downloading' | 'verifying' | 'reading';
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'images';
}

/** A folder by its opaque ID; `name`: the last part of its path, or the root. */
export interface FolderName {
  readonly id: string;
  readonly name: string;
}

/** A folder that was chosen before. */
export interface RecentFolder extends FolderName {
  readonly path: string;
  /** Whether it can still be found. */
  readonly isThere: boolean;
}

/** One folder of the machine the main side runs on, for choosing a folder without a native dialog. */
export interface FolderListing {
  /** Opaque; null: no folder above. */
  readonly parent: string | null;
  readonly id: string;
  readonly path: string;
  /** The folders on the way to it, from the root to itself. */
  readonly crumbs: readonly FolderName[];
  readonly folders: readonly FolderName[];
  /** PNG, JPEG and WebP files directly in it. */
  readonly images: number;
  /** Whether it looks like CIFAR-10's binary or Python batches. */
  readonly isCifar10: boolean;
}

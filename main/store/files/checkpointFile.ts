/**
 * Checkpoint files, `ckpt-<step>.safetensors`, written atomically: temporary name, fsync, read back, rename. The SHA-256 of
 * the data area and of the header are in the file's metadata, so that any changed bit is found.
 */

import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import { describeError } from '../../../shared/text/describeError.ts';
import { replaceFile } from './atomicFile.ts';
import { type FileSystem, nodeFileSystem, withFile } from './fileSystem.ts';
import {
  chunkBytes,
  hashHeader,
  layoutTensors,
  readHeader,
  readInChunks,
  readSafetensors,
  type StoredTensor,
  tensorNamed,
  viewBytes,
  writeSafetensors,
} from './safetensors.ts';
import { damaged, DamagedFileError, encodeHeader, type TensorEntry } from './safetensorsHeader.ts';

/** Metadata keys of the writer, which a caller's metadata may not use. */
const reservedKeys = ['format', 'step', 'sha256', 'headerSha256'];
const formatName = 'sparse-field-lab checkpoint 1';

type SealedMetadata = Record<string, string> & { readonly sha256: string };

export interface CheckpointContents {
  readonly step: number;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Free text values, e.g. the run's config as JSON. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A checkpoint whose hashes have been checked. */
export interface VerifiedCheckpoint {
  readonly step: number;
  /** File name inside its folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 (hex) of the data area. */
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes `ckpt-<step>.safetensors` into an existing folder, replacing one of the same step only when the new one is complete.
 * @throws Error naming the folder and the next step; older checkpoints are untouched then.
 */
export function writeCheckpoint(
  folder: string,
  contents: CheckpointContents,
  fileSystem: FileSystem = nodeFileSystem,
): VerifiedCheckpoint {
  const name = formatCheckpointName(contents.step);
  const metadata = sealMetadata(contents);
  let bytes = 0;
  const write = (path: string): void => {
    bytes = writeSafetensors(path, { metadata, tensors: contents.tensors }, fileSystem);
    verifyCheckpoint(path, fileSystem);
  };
  try {
    replaceFile({ folder, name, write }, fileSystem);
  } catch (error) {
    const reason = describeError(error).replace(/\.$/, '');
    throw new Error(
      `The checkpoint of step ${contents.step} could not be saved in ${folder}: ${reason}. Older checkpoints are untouched; check the disk and its free space, then resume.`,
      { cause: error },
    );
  }
  return { step: contents.step, file: name, bytes, sha256: metadata.sha256, metadata };
}

/** Returns the bytes of a checkpoint file up to its data area, given the hash and offsets of the data. */
export function encodeCheckpointHeader(
  { step, metadata }: Omit<CheckpointContents, 'tensors'>,
  data: { readonly entries: readonly TensorEntry[]; readonly sha256: string },
): Uint8Array {
  return encodeHeader({ metadata: seal({ step, metadata }, data), entries: data.entries });
}

/** Reads a checkpoint. @throws DamagedFileError when any bit has changed since it was written. */
export function readCheckpoint(path: string, fileSystem: FileSystem = nodeFileSystem): CheckpointContents {
  const { metadata, tensors } = readSafetensors(path, fileSystem);
  const entries = layoutTensors(tensors);
  checkSeal({ path, metadata, entries, sha256: hashTensors(entries, tensors) });
  return { step: Number(metadata.step), tensors, metadata };
}

/** Checks the hashes of a checkpoint in little memory. @throws DamagedFileError when any bit has changed. */
export function verifyCheckpoint(path: string, fileSystem: FileSystem = nodeFileSystem): VerifiedCheckpoint {
  return withFile({ path, mode: 'read', fileSystem }, (file) => {
    const { header, dataStart, size } = readHeader({ path, file }, fileSystem);
    const hash = createHash('sha256');
    readInChunks({ path, file, begin: dataStart, end: size }, fileSystem, (chunk) => void hash.update(chunk));
    const sha256 = hash.digest('hex');
    checkSeal({ path, metadata: header.metadata, entries: header.entries, sha256 });
    return {
      step: Number(header.metadata.step),
      file: basename(path),
      bytes: size,
      sha256,
      metadata: header.metadata,
    };
  });
}

/** Returns the path of the checkpoint of one step. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, formatCheckpointName(step));
}

function sealMetadata({ tensors, ...contents }: CheckpointContents): SealedMetadata {
  const entries = layoutTensors(tensors);
  return seal(contents, { entries, sha256: hashTensors(entries, tensors) });
}

function seal(
  { step, metadata }: Omit<CheckpointContents, 'tensors'>,
  { entries, sha256 }: { readonly entries: readonly TensorEntry[]; readonly sha256: string },
): SealedMetadata {
  const taken = Object.keys(metadata).find((key) => reservedKeys.includes(key));
  if (taken)
    throw new Error(
      `Metadata "${taken}" found; ${reservedKeys.join(', ')} are the writer's own. Choose another name.`,
    );
  const sealed = { ...metadata, format: formatName, step: String(step), sha256 };
  return { ...sealed, headerSha256: hashHeader(sealed, entries) };
}

function checkSeal(options: {
  path: string;
  metadata: Readonly<Record<string, string>>;
  entries: readonly TensorEntry[];
  sha256: string;
}): void {
  const { path, entries, sha256 } = options;
  const { headerSha256, ...metadata } = options.metadata;
  if (metadata.format !== formatName) {
    throw new DamagedFileError(
      `${path}: format "${metadata.format ?? 'none'}" found, "${formatName}" expected. Open it with the version that wrote it, or use another checkpoint.`,
    );
  }
  if (metadata.sha256 !== sha256)
    throw damaged(path, `SHA-256 ${sha256} of the data`, metadata.sha256 ?? 'a hash in the metadata');
  const header = hashHeader(metadata, entries);
  if (headerSha256 !== header)
    throw damaged(path, `SHA-256 ${header} of the header`, headerSha256 ?? 'a hash in the metadata');
  const step = parseCheckpointName(basename(path));
  if (step !== undefined && String(step) !== metadata.step) {
    throw damaged(path, `a checkpoint of step ${metadata.step}`, `step ${step} as its name says`);
  }
}

function hashTensors(entries: readonly TensorEntry[], tensors: ReadonlyMap<string, StoredTensor>): string {
  const hash = createHash('sha256');
  entries.forEach(({ name }) => updateHash(hash, viewBytes(tensorNamed(tensors, name))));
  return hash.digest('hex');
}

/** Updates a hash in pieces: one call accepts less than 2 GiB. */
function updateHash(hash: Hash, bytes: Uint8Array): void {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes)
    hash.update(bytes.subarray(start, start + chunkBytes));
}

const pattern = /^ckpt-(0|[1-9]\d{0,15})\.safetensors$/;

/** Returns the file name of a checkpoint. @throws Error when `step` is not an integer ≥ 0. */
export function formatCheckpointName(step: number): string {
  checkStep(step);
  return `ckpt-${step}.safetensors`;
}

/** Returns the step in a checkpoint's file name; undefined for any other name. */
export function parseCheckpointName(name: string): number | undefined {
  const match = pattern.exec(name);
  return match && Number.isSafeInteger(Number(match[1])) ? Number(match[1]) : undefined;
}

/** @throws Error when `step` is not an integer ≥ 0. */
export function checkStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new Error(
      `Step ${step} found, an integer ≥ 0 expected. Pass the number of finished training steps.`,
    );
  }
}

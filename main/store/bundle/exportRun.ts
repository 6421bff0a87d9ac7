/**
 * Writes a run as one file. The data are copied in small pieces and hashed on the way; the header, whose length is known
 * from the start, is written once more when the hash is. Then the file is read back and checked as an import would.
 */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { bundleFormat, bundleVersion, type BundledCheckpoints } from '../../../shared/runBundle.ts';
import { replaceFile, writeFully } from '../files/atomicFile.ts';
import { type FileSystem, nodeFileSystem, withFile } from '../files/fileSystem.ts';
import { encodeHeader, type TensorEntry } from '../files/safetensorsHeader.ts';
import { hashHeader, readInChunks } from '../files/safetensors.ts';
import type { StoreHandle } from '../database/database.ts';
import { type BundlePart, gatherBundle, type GatheredBundle } from './gatherBundle.ts';
import { readBundle } from './readBundle.ts';
import { missingDataOf } from './portableRun.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

export interface ExportOptions {
  readonly runId: string;
  /** Path of the bundle; an existing file is replaced. */
  readonly path: string;
  readonly checkpoints: BundledCheckpoints;
  /** Version of the program. */
  readonly appVersion: string;
}

export interface ExportedRun {
  readonly bytes: number;
  /** Steps whose checkpoint is in it, ascending. */
  readonly checkpoints: readonly number[];
  /** Name of the training images, which the bundle does not contain; null if they are available on every machine. */
  readonly missingData: string | null;
}

const noHash = '0'.repeat(64);

/**
 * @throws UnknownRunError; Error when the run's files or the place cannot be used. An older file of that name stays then.
 */
export function exportRun(
  store: StoreHandle,
  options: ExportOptions,
  fileSystem: FileSystem = nodeFileSystem,
): ExportedRun {
  const gathered = gatherBundle(store, options);
  const { path } = options;
  const write = (temporary: string): void => {
    writeBundle(temporary, gathered, fileSystem);
    checkBundle(temporary, `Run ${options.runId}`, fileSystem);
  };
  replaceFile({ folder: dirname(path), name: basename(path), write }, fileSystem);
  const { run, checkpoints } = gathered.manifest;
  return {
    bytes: statSync(path).size,
    checkpoints: checkpoints.map(({ step }) => step),
    missingData: missingDataOf(run.config.data.source),
  };
}

function writeBundle(path: string, { manifest, parts }: GatheredBundle, fileSystem: FileSystem): void {
  const entries = placeParts(parts);
  const metadata = {
    format: bundleFormat,
    version: String(bundleVersion),
    manifest: stringifyJson(manifest),
  };
  const start = encodeSealed(metadata, entries, noHash);
  withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, path, position: 0 }, start, fileSystem);
    const hash = createHash('sha256');
    let position = start.byteLength;
    for (const part of parts) {
      copyPart(part, fileSystem, (chunk) => {
        hash.update(chunk);
        writeFully({ file, path, position }, chunk, fileSystem);
        position += chunk.byteLength;
      });
    }
    writeFully({ file, path, position: 0 }, encodeSealed(metadata, entries, hash.digest('hex')), fileSystem);
    fileSystem.sync(file);
  });
}

/** Encodes the header; its length does not depend on the hash. */
function encodeSealed(
  metadata: Readonly<Record<string, string>>,
  entries: readonly TensorEntry[],
  sha256: string,
): Uint8Array {
  const sealed = { ...metadata, sha256 };
  return encodeHeader({ metadata: { ...sealed, headerSha256: hashHeader(sealed, entries) }, entries });
}

function placeParts(parts: readonly BundlePart[]): TensorEntry[] {
  let start = 0;
  return parts.flatMap(({ entries, bytes }) => {
    const begin = start;
    start += bytes;
    return entries.map((entry) => ({ ...entry, begin: begin + entry.begin, end: begin + entry.end }));
  });
}

function copyPart(
  { from, bytes }: BundlePart,
  fileSystem: FileSystem,
  write: (chunk: Uint8Array) => void,
): void {
  if ('data' in from) return write(from.data);
  const { path, position } = from;
  withFile({ path, mode: 'read', fileSystem }, (file) => {
    readInChunks({ path, file, begin: position, end: position + bytes }, fileSystem, write);
  });
}

/** Reads the bundle back. `label` names it in messages. */
function checkBundle(path: string, label: string, fileSystem: FileSystem): void {
  withFile({ path, mode: 'read', fileSystem }, (file) => {
    readBundle({ path: label, file, reader: fileSystem });
  });
}

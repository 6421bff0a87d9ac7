/** The files of a bundled run, written into a folder that is not the run's yet. Each is durable when it is there. */

import { join } from 'node:path';
import { writeDurably, writeFully } from '../files/atomicFile.ts';
import { encodeCheckpointHeader, verifyCheckpoint } from '../files/checkpointFile.ts';
import { formatCheckpointName } from '../files/checkpointName.ts';
import { type FileSystem, withFile } from '../files/fileSystem.ts';
import { previewName } from '../files/previewFile.ts';
import { readInChunks } from '../files/seal.ts';
import { hasMarks, writeMarksFile } from '../marksFile.ts';
import { previewTensor, sheetTensor } from './bundleLayout.ts';
import { type Bundle, readBundledPicture } from './readBundle.ts';

/** Evaluations have no id of this store yet: their sheets stand below `evaluations/import-<place in the manifest>`. */
export function stagedSheets(folder: string, evaluation: number): string {
  return join(folder, 'evaluations', `import-${evaluation}`);
}

/** @throws the system's error when the disk refuses, DamagedFileError when what was written reads otherwise. */
export function writeBundledFiles(bundle: Bundle, folder: string, fileSystem: FileSystem): void {
  const { manifest } = bundle;
  for (const checkpoint of manifest.checkpoints)
    writeCheckpointFile(bundle, { folder, checkpoint }, fileSystem);
  for (const { step } of manifest.previews) {
    writePicture(bundle, { tensor: previewTensor(step), path: join(folder, previewName(step)) }, fileSystem);
  }
  writeSheets(bundle, folder, fileSystem);
  if (hasMarks(manifest.marks)) writeMarksFile(folder, manifest.marks, fileSystem);
}

/** Header anew, data as they are: bit for bit the file that was exported, but for folders in its configuration. */
function writeCheckpointFile(
  { source, dataStart, checkpoints }: Bundle,
  { folder, checkpoint }: { folder: string; checkpoint: Bundle['manifest']['checkpoints'][number] },
  fileSystem: FileSystem,
): void {
  const { step, sha256, metadata } = checkpoint;
  const place = checkpoints.get(step);
  if (!place) return;
  const { entries, begin, end } = place;
  const header = encodeCheckpointHeader(
    { step, metadata: Object.fromEntries(metadata) },
    { entries, sha256 },
  );
  const path = join(folder, formatCheckpointName(step));
  withFile({ path, mode: 'write', fileSystem }, (file) => {
    writeFully({ file, path, position: 0 }, header, fileSystem);
    const from = { path: source.path, file: source.file, begin: dataStart + begin, end: dataStart + end };
    readInChunks(from, source.reader, (chunk, position) => {
      writeFully({ file, path, position: header.byteLength + position - from.begin }, chunk, fileSystem);
    });
    fileSystem.sync(file);
  });
  verifyCheckpoint(path, fileSystem);
}

function writeSheets(bundle: Bundle, folder: string, fileSystem: FileSystem): void {
  const { evaluations } = bundle.manifest;
  if (evaluations.every(({ pictures }) => pictures === null)) return;
  fileSystem.makeFolder(join(folder, 'evaluations'));
  for (const [index, { pictures }] of evaluations.entries()) {
    if (pictures === null) continue;
    const own = stagedSheets(folder, index);
    fileSystem.makeFolder(own);
    pictures.sheets.forEach((_, sheet) =>
      writePicture(
        bundle,
        { tensor: sheetTensor(index, sheet), path: join(own, `${sheet}.png`) },
        fileSystem,
      ),
    );
    fileSystem.syncFolder(own);
  }
}

function writePicture(
  bundle: Bundle,
  { tensor, path }: { tensor: string; path: string },
  fileSystem: FileSystem,
): void {
  const entry = bundle.pictures.get(tensor);
  if (entry) writeDurably(path, readBundledPicture(bundle, entry), fileSystem);
}

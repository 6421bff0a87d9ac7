/**
 * `marks.json` in the folder of a run that was marked: what the database says of it, so that a new one can say it too. A
 * copy: what is lost of it with the machine's power is still in the database, so that nothing waits for the disk.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunMarks, runMarksSchema } from '../../shared/runList.ts';
import { writeFileAtomically } from './files/atomicFile.ts';
import { attempt, type FileSystem, nodeFileSystem } from './files/fileSystem.ts';

const fileName = 'marks.json';
const withoutWaiting: FileSystem = { ...nodeFileSystem, sync: () => undefined, syncFolder: () => undefined };

/** A file that cannot be written must not stay as it was: without one, the next start of the store writes it. */
export function writeMarksFile(
  folder: string,
  marks: RunMarks,
  fileSystem: FileSystem = withoutWaiting,
): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(marks, null, 2)}\n`);
  try {
    writeFileAtomically({ folder, name: fileName, bytes }, fileSystem);
  } catch {
    attempt(() => fileSystem.remove(join(folder, fileName)));
  }
}

/** Whether there is anything to write down. */
export function hasMarks({ tags, note, archivedAt, branchedFrom }: RunMarks): boolean {
  return tags.length > 0 || note !== '' || archivedAt !== null || branchedFrom !== null;
}

export function hasMarksFile(folder: string): boolean {
  return existsSync(join(folder, fileName));
}

/** null: there is none. @throws Error naming the file when it is not readable. */
export function readMarksFile(folder: string): RunMarks | null {
  if (!hasMarksFile(folder)) return null;
  const path = join(folder, fileName);
  try {
    return runMarksSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} is not readable: tags, note, archive and branch of a run expected.`, {
      cause: error,
    });
  }
}

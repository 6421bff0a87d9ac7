/** The folders that the user chose last: one small file in the configuration folder, so that they survive a restart. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { prepareOutputFolder, writeFileAtomically } from '../../store/files/atomicFile.ts';

export interface RecentFolders {
  /** Absolute paths, the newest first. */
  list(): readonly string[];
  /** Puts a path first. It is remembered until the end of the process even if the file cannot be written. */
  add(path: string): void;
}

const fileName = 'recent-folders.json';
const mostRecent = 8;
const fileSchema = z.array(z.string().min(1).max(8192)).max(100);

/** Reads `<folder>/recent-folders.json`. A missing or damaged file counts as empty: only convenience is lost with it. */
export function openRecentFolders(folder: string | undefined): RecentFolders {
  let paths = folder === undefined ? [] : readPaths(join(folder, fileName));
  return {
    list: () => paths,
    add(path) {
      paths = [path, ...paths.filter((other) => other !== path)].slice(0, mostRecent);
      if (folder === undefined) return;
      try {
        prepareOutputFolder(folder);
        const bytes = new TextEncoder().encode(`${JSON.stringify(paths, null, 2)}\n`);
        writeFileAtomically({ folder, name: fileName, bytes });
      } catch {
        // The folder was added to the datasets all the same.
      }
    },
  };
}

function readPaths(path: string): readonly string[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).slice(0, mostRecent);
  } catch {
    return [];
  }
}

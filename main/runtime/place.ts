/** Put libraries and addon where tfjs-node-gpu looks for them. */

import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Library } from './library.ts';
import type { RuntimePaths } from './paths.ts';

/**
 * Link `library` and `addon` into the package, and return the files that must stay there. The addon comes last: as long
 * as it is missing, the package counts as not installed.
 */
export async function placeRuntime(paths: RuntimePaths, library: Library, addon: string): Promise<string[]> {
  await rm(join(paths.packageFolder, 'lib'), { recursive: true, force: true });
  await rm(join(paths.packageFolder, 'deps'), { recursive: true, force: true });
  await mkdir(paths.libraryFolder, { recursive: true });
  const source = join(library.folder, 'lib');
  const placed: string[] = [];
  for (const name of await readdir(source)) {
    await placeFile(join(source, name), join(paths.libraryFolder, name));
    placed.push(join(paths.libraryFolder, name));
  }
  const nvidia = join(library.folder, 'nvidia');
  // TensorFlow's libraries look for CUDA in ../nvidia beside themselves, as in a Python installation.
  if (existsSync(nvidia)) await symlink(nvidia, join(paths.packageFolder, 'deps', 'nvidia'), 'dir');
  await mkdir(dirname(paths.addonFile), { recursive: true });
  await placeFile(addon, paths.addonFile);
  return [...placed, paths.addonFile];
}

/** Hard link where the file system allows it, else symbolic link, else copy. */
async function placeFile(from: string, to: string): Promise<void> {
  for (const attempt of [link, symlink, copyWhole]) {
    if (
      await attempt(from, to).then(
        () => true,
        () => false,
      )
    )
      return;
  }
  throw new Error(
    `Could not place ${from} at ${to}: check that the folder can be written and the disk is not full.`,
  );
}

async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.partial`);
  await rename(`${to}.partial`, to);
}

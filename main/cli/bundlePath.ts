/** Where an exported run goes. */

import { basename, dirname, extname, join } from 'node:path';
import { bundleEnding, bundleFileName } from '../../shared/runBundle.ts';
import { lookAt, readTypedPath, resolveTypedPath } from '../runtime/typedPath.ts';
import { readBundledRun } from '../store/bundle/readBundle.ts';
import { UsageError } from './command.ts';
import { assertCreatable } from './outFolder.ts';

/**
 * `out`: a folder that is there or ends in a slash, else the name of a file; absent: the caller's folder. Folders need not
 * exist yet.
 * @throws UsageError where no file can be, or another file stands: what is not this run's own export is not replaced.
 */
export function chooseBundlePath(out: string | undefined, run: { id: string; name: string }): string {
  const { path: wanted, isFolder } = readTypedPath(out ?? '.');
  const isInFolder = isFolder || lookAt(wanted) === 'folder';
  // Checks the length of the name once more, with its ending.
  const path = resolveTypedPath(isInFolder ? join(wanted, bundleFileName(run.name)) : withEnding(wanted));
  assertCreatable(dirname(path));
  const found = lookAt(path);
  if (found === 'folder')
    throw new UsageError(`${path} is a folder; a file was expected. Choose another --out.`);
  if (found !== null && readBundledRun(path)?.id !== run.id)
    throw new UsageError(
      `${path} is there already and is not an export of run ${run.id}, so it is left as it is. Choose another place with --out.`,
    );
  return path;
}

function withEnding(path: string): string {
  return extname(basename(path)) === '' ? `${path}${bundleEnding}` : path;
}

/** Where an exported run goes. */

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { bundleEnding, bundleFileName } from '../../shared/runBundle.ts';
import { readBundledRun } from '../store/bundle/readBundle.ts';
import { UsageError } from './command.ts';

/**
 * `out`: a folder that is there, or the name of a file; absent: the present folder.
 * @throws UsageError where no file can be, or another file stands: what is not this run's own export is not replaced.
 */
export function chooseBundlePath(out: string | undefined, run: { id: string; name: string }): string {
  const wanted = resolve(out ?? '.');
  const isFolder = statSync(wanted, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = isFolder ? join(wanted, bundleFileName(run.name)) : withEnding(wanted);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--out ${out}: ${folder} is no folder, one that is there expected. Make it first.`);
  if (existsSync(path) && readBundledRun(path)?.id !== run.id)
    throw new UsageError(
      `${path} is there already and is no export of run ${run.id}: it stays. Choose another place with --out.`,
    );
  return path;
}

function withEnding(path: string): string {
  return extname(basename(path)) === '' ? `${path}${bundleEnding}` : path;
}

/**
 * Packages the built application for this system with electron-builder. Without Electron's binary, the application's files
 * are staged with an empty runtime instead.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, type CliOptions, type Configuration } from 'electron-builder';
import { findElectron, hasElectron } from './electron.ts';
import { findRuntimePaths } from './paths.ts';
import { describeRelease, readReleaseNotes } from './release.ts';

const require = createRequire(import.meta.url);
const root = findRuntimePaths().root;

export interface Packaging {
  /** Folder of the packaged files. */
  readonly folder: string;
  /** false if it was staged with an empty runtime. */
  readonly isRunnable: boolean;
}

/**
 * @param options.dir true: only the unpacked folder, no installers.
 * @param options.release what `describeRelease` returns, for packages that are published
 * @throws Error if the application is not built, or if electron-builder fails.
 */
export async function packageApp(options: {
  dir: boolean;
  output?: string;
  release?: Configuration;
}): Promise<Packaging> {
  for (const file of ['dist/main/index.js', 'dist/preload/index.cjs', 'dist/renderer/index.html']) {
    if (!existsSync(join(root, file))) throw new Error(`${file} is missing: build it with npm run build.`);
  }
  if (hasElectron()) {
    const folder = options.output ?? join(root, 'out', 'package');
    await build({ ...target(options.dir), config: { ...options.release, directories: { output: folder } } });
    return { folder, isRunnable: true };
  }
  return { folder: await stage(options.output ?? join(root, 'out', 'staged')), isRunnable: false };
}

function target(isDir: boolean): CliOptions {
  // Publishing is left to the workflow, after the packages of all systems were started.
  return { projectDir: root, publish: 'never', ...(isDir ? { dir: true } : {}) };
}

async function stage(output: string): Promise<string> {
  const runtime = mkdtempSync(join(tmpdir(), 'empty-runtime-'));
  try {
    const name = process.platform === 'win32' ? 'electron.exe' : 'electron';
    mkdirSync(join(runtime, 'resources'));
    writeFileSync(join(runtime, name), '', { mode: 0o755 });
    const { version } = require('electron/package.json') as { version: string };
    writeFileSync(join(runtime, 'version'), `v${version}`);
    // Fuses are set in Electron's binary, which is missing.
    const config = { directories: { output }, electronDist: runtime, electronFuses: null };
    await build({ ...target(true), config });
    return output;
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { dir: { type: 'boolean', default: false }, release: { type: 'boolean', default: false } },
  });
  const release = values.release
    ? describeRelease(process.env, process.platform, readReleaseNotes())
    : undefined;
  await findElectron();
  const { folder, isRunnable } = await packageApp({ dir: values.dir, release });
  if (values.release && !isRunnable) process.exitCode = 1;
  const sentence = isRunnable
    ? `The application is in ${folder}.`
    : `Electron's binary is missing, so the application's files were staged without it in ${folder}. Its download failed; check the network connection, then: npm run package`;
  process.stdout.write(`${sentence}\n`);
}

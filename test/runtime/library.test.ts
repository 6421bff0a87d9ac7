import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Library, provideLibrary, tensorflowVersion, placeRuntime } from '../../main/runtime/library.ts';
import { findRuntimePaths } from '../../main/runtime/paths.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'library-'))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const nameOfCached = `tensorflow-${tensorflowVersion}-${process.platform}-${process.arch}-cpu`;

function makeCached(bytesInManifest: number): string {
  const cached = join(folder, nameOfCached);
  mkdirSync(join(cached, 'lib'), { recursive: true });
  writeFileSync(join(cached, 'lib', 'libtensorflow_cc.so.2'), 'four');
  const files = [{ path: 'lib/libtensorflow_cc.so.2', bytes: bytesInManifest, sha256: '' }];
  writeFileSync(
    join(cached, 'manifest.json'),
    JSON.stringify({ version: tensorflowVersion, wheels: [], files }),
  );
  return cached;
}

describe('the cached library', () => {
  it('is used as it is when every file is there in full', async () => {
    const cached = makeCached(4);
    const library = await provideLibrary(folder, 'cpu');
    expect(library).toEqual({ folder: cached, version: tensorflowVersion, variant: 'cpu' });
  });

  it('is fetched again when a file was cut off, and a missing pip is named with the next step', async () => {
    makeCached(5);
    vi.stubEnv('PATH', folder);
    await expect(provideLibrary(folder, 'cpu')).rejects.toThrow(
      /Python 3 with pip was not found; install .*npm run setup/,
    );
  });

  it('is cleared of what dead installations left, never of a living one’s', async () => {
    makeCached(4);
    const dead = join(folder, 'partial-999999999-a');
    const living = join(folder, `partial-${process.pid}-b`);
    mkdirSync(dead);
    mkdirSync(living);
    await provideLibrary(folder, 'cpu');
    expect([existsSync(dead), existsSync(living)]).toEqual([false, true]);
  });
});

describe('placing the library in the package', () => {
  it('puts libraries, CUDA folder and addon where the addon looks for them, and replaces what was there', async () => {
    const cached = makeCached(4);
    mkdirSync(join(cached, 'nvidia', 'cublas'), { recursive: true });
    const addon = join(folder, 'built.node');
    writeFileSync(addon, 'addon');
    const paths = findRuntimePaths(join(folder, 'project'), {});
    mkdirSync(paths.libraryFolder, { recursive: true });
    writeFileSync(join(paths.libraryFolder, 'libtensorflow.so.2.9.1'), 'old');
    const library: Library = { folder: cached, version: tensorflowVersion, variant: 'gpu' };
    const files = await placeRuntime(paths, library, addon);
    expect(files).toEqual([join(paths.libraryFolder, 'libtensorflow_cc.so.2'), paths.addonFile]);
    expect(files.every((file) => existsSync(file))).toBe(true);
    expect(existsSync(join(paths.libraryFolder, '..', 'nvidia', 'cublas'))).toBe(true);
    expect(existsSync(join(paths.libraryFolder, 'libtensorflow.so.2.9.1'))).toBe(false);
  });
});

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

const cachedName = `tensorflow-${tensorflowVersion}-${process.platform}-${process.arch}-cpu`;

/** Writes a cached library of one file of four bytes, whose manifest states another size on request. */
function writeCachedLibrary(bytesInManifest: number): string {
  const cached = join(folder, cachedName);
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
  it('is used if all of its files are complete', async () => {
    const cached = writeCachedLibrary(4);
    const library = await provideLibrary(folder, 'cpu');
    expect(library).toEqual({ folder: cached, version: tensorflowVersion, variant: 'cpu' });
  });

  it('is downloaded again if a file was cut off, which fails with the next step without pip', async () => {
    writeCachedLibrary(5);
    vi.stubEnv('PATH', folder);
    await expect(provideLibrary(folder, 'cpu')).rejects.toThrow(
      /Python 3 with pip was not found; install .*npm run setup/,
    );
  });

  it('is cleared of partial files of dead installations but not of running ones', async () => {
    writeCachedLibrary(4);
    const dead = join(folder, 'partial-999999999-a');
    const alive = join(folder, `partial-${process.pid}-b`);
    mkdirSync(dead);
    mkdirSync(alive);
    await provideLibrary(folder, 'cpu');
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });
});

describe('placeRuntime', () => {
  it('puts libraries, CUDA folder and addon where the addon looks for them, and removes older libraries', async () => {
    const cached = writeCachedLibrary(4);
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

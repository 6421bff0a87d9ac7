import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { InstallResult } from '../../main/runtime/installResult.ts';
import {
  listSatisfiedRequests,
  readInstallResult,
  readRequest,
  writeInstallResult,
} from '../../main/runtime/installResult.ts';
import { findRuntimePaths } from '../../main/runtime/paths.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'install-result-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the result of an installation', () => {
  const createResult = (files: string[]): InstallResult => ({
    kind: 'tensorflow',
    device: 'CPU',
    version: '2.21.0',
    answers: ['wasm', 'auto'],
    why: [],
    files,
  });

  it('is read as it was written as long as its files exist', () => {
    const library = join(folder, 'library.so');
    const record = join(folder, 'deep', 'runtime.json');
    writeFileSync(library, '');
    writeInstallResult(record, createResult([library]));
    expect(readInstallResult(record)).toEqual(createResult([library]));
    rmSync(library);
    expect(readInstallResult(record)).toBeNull();
  });

  it('is null if the record is missing, cut off or in another format', () => {
    const record = join(folder, 'runtime.json');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "tensor');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "wasm", "files": []}');
    expect(readInstallResult(record)).toBeNull();
  });

  it('satisfies weaker requests but never stronger ones', () => {
    expect(listSatisfiedRequests('wasm')).toEqual(['wasm']);
    expect(listSatisfiedRequests('auto')).toEqual(['wasm', 'auto']);
    expect(listSatisfiedRequests('gpu')).toEqual(['wasm', 'auto', 'gpu']);
  });

  it('depends on the request in the environment variables', () => {
    expect(readRequest({})).toBe('auto');
    expect(readRequest({ SPARSE_FIELD_LAB_GPU: '1' })).toBe('gpu');
    expect(readRequest({ SPARSE_FIELD_LAB_BACKEND: 'wasm', SPARSE_FIELD_LAB_GPU: '1' })).toBe('wasm');
  });
});

describe('the cache folder of the runtime', () => {
  it('follows SPARSE_FIELD_LAB_CACHE', () => {
    expect(findRuntimePaths('/project', { SPARSE_FIELD_LAB_CACHE: '/cache' }).cacheFolder).toBe('/cache');
  });

  it.runIf(process.platform === 'linux')('follows XDG_CACHE_HOME on Linux', () => {
    expect(findRuntimePaths('/project', { XDG_CACHE_HOME: '/x' }).cacheFolder).toBe('/x/sparse-field-lab');
  });
});

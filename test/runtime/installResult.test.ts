import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { InstallResult } from '../../main/runtime/installResult.ts';
import {
  listAnswers,
  readInstallResult,
  readRequest,
  writeInstallResult,
} from '../../main/runtime/installResult.ts';
import { findRuntimePaths } from '../../main/runtime/paths.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'outcome-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the outcome of an installation', () => {
  const outcome = (files: string[]): InstallResult => ({
    kind: 'tensorflow',
    device: 'CPU',
    version: '2.21.0',
    answers: ['wasm', 'auto'],
    why: [],
    files,
  });

  it('comes back as it was written, as long as its files exist', () => {
    const library = join(folder, 'library.so');
    const record = join(folder, 'deep', 'runtime.json');
    writeFileSync(library, '');
    writeInstallResult(record, outcome([library]));
    expect(readInstallResult(record)).toEqual(outcome([library]));
    rmSync(library);
    expect(readInstallResult(record)).toBeNull();
  });

  it('is absent where the record is missing, cut off or of another format', () => {
    const record = join(folder, 'runtime.json');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "tensor');
    expect(readInstallResult(record)).toBeNull();
    writeFileSync(record, '{"kind": "wasm", "files": []}');
    expect(readInstallResult(record)).toBeNull();
  });

  it('answers weaker wishes too, never stronger ones', () => {
    expect(listAnswers('wasm')).toEqual(['wasm']);
    expect(listAnswers('auto')).toEqual(['wasm', 'auto']);
    expect(listAnswers('gpu')).toEqual(['wasm', 'auto', 'gpu']);
  });

  it('follows the wish that the environment states', () => {
    expect(readRequest({})).toBe('auto');
    expect(readRequest({ SPARSE_FIELD_LAB_GPU: '1' })).toBe('gpu');
    expect(readRequest({ SPARSE_FIELD_LAB_BACKEND: 'wasm', SPARSE_FIELD_LAB_GPU: '1' })).toBe('wasm');
  });
});

describe('the paths of the runtime', () => {
  it('put the cache where the environment says', () => {
    expect(findRuntimePaths('/project', { SPARSE_FIELD_LAB_CACHE: '/cache' }).cacheFolder).toBe('/cache');
  });

  it.runIf(process.platform === 'linux')('follow XDG_CACHE_HOME on Linux', () => {
    expect(findRuntimePaths('/project', { XDG_CACHE_HOME: '/x' }).cacheFolder).toBe('/x/sparse-field-lab');
  });
});

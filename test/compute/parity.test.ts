import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compareArrays } from '../../main/compute/parity/referenceFile.ts';
import { runParity } from '../../main/compute/parity/runParity.ts';
import { readSafetensors, tensorNamed, writeSafetensors } from '../../main/store/files/safetensors.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { backend } from '../support/backend.ts';

const reference = join(import.meta.dirname, '../../../shared/reference');
const isPresent = existsSync(join(reference, 'velocity.safetensors'));

const check = (folder: string) => runParity({ folder, cacheFolder: folder, source: null });

afterEach(() => vi.unstubAllEnvs());

/** Copies files of the reference folder into a new folder and returns it. */
function copyFiles(...files: string[]): string {
  const folder = join(makeTemporaryFolder(), 'reference');
  mkdirSync(folder);
  files.forEach((file) => cpSync(join(reference, file), join(folder, file)));
  return folder;
}

/** Multiplies the largest value of a tensor by 1.01. */
function tamper(path: string, name: string): void {
  const { metadata, tensors } = readSafetensors(path);
  const { data } = tensorNamed(tensors, name);
  if (!(data instanceof Float32Array)) throw new Error(`"${name}" is not float32.`);
  const sizes = data.map(Math.abs);
  const largest = sizes.indexOf(Math.max(...sizes));
  data[largest] *= 1.01;
  writeSafetensors(path, { metadata, tensors });
}

describe.skipIf(!isPresent)('parity with PyTorch (skipped without ../shared/reference)', () => {
  it.each([
    { mode: 'as compiled graphs if the backend supports them', variable: undefined },
    { mode: 'operation by operation', variable: 'eager' },
  ])('holds for every value of the folder, computed $mode', async ({ variable }) => {
    vi.stubEnv('SPARSE_FIELD_LAB_EXECUTION', variable);
    const { ok, checks, skipped, execution, eager } = await check(reference);
    const isCompiled = backend.kind === 'tensorflow' && variable === undefined;
    expect(execution).toBe(isCompiled ? 'compiled' : 'eager');
    expect(eager).toHaveLength(isCompiled ? 0 : 1);
    expect(checks.filter((entry) => !entry.ok)).toEqual([]);
    expect(ok).toBe(true);
    expect(checks.length).toBeGreaterThan(100);
    expect(skipped.map(({ name }) => name)).toEqual(['classical.json']);
  });

  it.each([
    { file: 'perceiver.safetensors', tensor: 'out.values', failing: 'perceiver out.values' },
    {
      file: 'perceiver.safetensors',
      tensor: 'grad.output_proj.weight',
      failing: 'perceiver grad.output_proj.weight',
    },
    { file: 'velocity.safetensors', tensor: 'out.heun_4', failing: 'velocity out.heun_4' },
    { file: 'training.safetensors', tensor: 'out.grad_norm', failing: 'training out.grad_norm' },
  ])('fails in $failing if one of its values is off by 1 %', async ({ file, tensor, failing }) => {
    const folder = copyFiles(file);
    expect((await check(folder)).ok).toBe(true);
    tamper(join(folder, file), tensor);
    const { ok, checks } = await check(folder);
    expect(ok).toBe(false);
    expect(checks.filter((entry) => !entry.ok).map(({ name }) => name)).toEqual([failing]);
  });

  it('fails if a parameter is off by 1 %, or if a mask has a different pixel', async () => {
    const folder = copyFiles('perceiver.safetensors', 'masks.json');
    tamper(join(folder, 'perceiver.safetensors'), 'param.latents');
    const masks = JSON.parse(readFileSync(join(folder, 'masks.json'), 'utf8'));
    masks.first_inputs[0][0] += 1;
    writeFileSync(join(folder, 'masks.json'), JSON.stringify(masks));
    const failing = (await check(folder)).checks.filter((entry) => !entry.ok).map(({ name }) => name);
    expect(failing).toContain('perceiver out.values');
    expect(failing).toContain('masks first_inputs');
  });
});

describe('runParity', () => {
  it('refuses a folder without any reference file', async () => {
    const folder = makeTemporaryFolder();
    await expect(check(folder)).rejects.toThrow(`No reference file in ${folder}`);
  });
});

describe('compareArrays', () => {
  it('measures the largest difference relative to the largest expected value', () => {
    const arrays = { found: [1, 2.1, -4], expected: [1, 2, -4] };
    expect(compareArrays('x', arrays, 0.03)).toEqual({
      name: 'x',
      error: expect.closeTo(0.025, 12),
      tolerance: 0.03,
      ok: true,
    });
    expect(compareArrays('x', arrays, 0.02).ok).toBe(false);
    expect(compareArrays('x', { ...arrays, scale: 10 }, 0.02).ok).toBe(true);
  });

  it('fails for NaN and for arrays of different lengths', () => {
    expect(compareArrays('x', { found: [Number.NaN, 1], expected: [1, 1] }, 1).ok).toBe(false);
    expect(compareArrays('x', { found: [1], expected: [1, 1] }, 1).ok).toBe(false);
  });
});

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { DoctorReport } from '../../shared/doctor.ts';
import { requireHomeFolder } from '../../shared/text/homeFolder.ts';
import { runDoctor, formatDoctor } from '../../main/runtime/doctor.ts';

const report: DoctorReport = {
  backend: 'wasm',
  version: '4.22.0',
  device: 'CPU',
  whyNotBetter: ['TensorFlow from its Python wheel: Python 3 with pip was not found.'],
  threads: 1,
  gigaflops: 25.4,
  microsecondsPerOperation: 8.25,
  execution: 'eager',
  nodeVersion: '24.1.0',
  platform: 'linux x64',
  gpu: null,
  dataFolder: '/data',
  freeBytes: 5e9,
  checks: [
    { name: 'Backend', ok: false, found: 'WASM 4.22.0 (slow)', fix: 'Install pip, then: npm run setup' },
    { name: 'Disk', ok: true, found: '5.0 GB free', fix: null },
  ],
};

afterEach(() => vi.unstubAllEnvs());

const noHome = (): string => requireHomeFolder(() => '', 'config');

async function checkGraphs(variable?: string, value?: string) {
  if (variable) vi.stubEnv(variable, value);
  const { backend, execution, checks } = await runDoctor({
    dataFolder: () => tmpdir(),
    configFolder: () => tmpdir(),
  });
  return { backend, execution, check: checks.find(({ name }) => name === 'Compiled graphs') };
}

describe('the doctor', () => {
  it('measures this machine and finds the data folder', async () => {
    const dataFolder = join(tmpdir(), 'not', 'made', 'yet');
    const found = await runDoctor({ dataFolder: () => dataFolder, configFolder: () => tmpdir() });
    expect(found.gigaflops).toBeGreaterThan(1);
    expect(found.dataFolder).toBe(dataFolder);
    expect(found.freeBytes).toBeGreaterThan(0);
    const folder = found.checks.find(({ name }) => name === 'Data folder');
    expect(folder).toEqual({
      name: 'Data folder',
      ok: true,
      found: `${dataFolder} (will be created)`,
      fix: null,
    });
  });

  it('has a fix for every failed check and none for the others', async () => {
    const found = await runDoctor({
      dataFolder: () => join(fileURLToPath(import.meta.url), 'below a file'),
      configFolder: noHome,
    });
    for (const check of found.checks) expect(check.fix === null).toBe(check.ok);
    const failed = found.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(expect.arrayContaining(['Data folder', 'Settings folder']));
  });
});

describe('the doctor without a home folder', () => {
  it('names the environment variables to set instead of failing', async () => {
    const found = await runDoctor({ dataFolder: noHome, configFolder: noHome });
    expect([found.dataFolder, found.freeBytes]).toEqual([null, null]);
    expect(found.checks.find(({ name }) => name === 'Data folder')?.fix).toMatch(/Set HOME, or set SPARSE_/);
    expect(formatDoctor(found)).not.toContain('All is well.');
  });
});

describe('the doctor’s check of compiled graphs', () => {
  it('succeeds exactly with native TensorFlow', async () => {
    const { backend, execution, check } = await checkGraphs();
    const isNative = backend === 'tensorflow';
    expect(execution).toBe(isNative ? 'compiled' : 'eager');
    expect(check?.ok).toBe(isNative);
  });

  it.each([
    {
      variable: 'SPARSE_FIELD_LAB_BACKEND',
      value: 'wasm',
      found: 'training steps run operation by operation: graphs need native TensorFlow',
      fix: 'They come with native TensorFlow',
    },
    {
      variable: 'SPARSE_FIELD_LAB_EXECUTION',
      value: 'eager',
      found: 'training steps run operation by operation: SPARSE_FIELD_LAB_EXECUTION is eager',
      fix: 'Unset SPARSE_FIELD_LAB_EXECUTION',
    },
  ])('fails with a reason and a fix under $variable=$value', async ({ variable, value, found, fix }) => {
    const { backend, execution, check } = await checkGraphs(variable, value);
    expect(execution).toBe('eager');
    // Without native TensorFlow, the first reason takes precedence.
    if (backend === 'wasm' && value === 'eager') return;
    expect(check).toEqual({ name: 'Compiled graphs', ok: false, found, fix });
  });
});

describe('the text of the doctor', () => {
  it('aligns the findings and ends with the fixes', () => {
    const lines = formatDoctor(report).split('\n');
    expect(lines).toContain('Backend          ✗ WASM 4.22.0 (slow)');
    expect(lines).toContain('Disk             ✓ 5.0 GB free');
    expect(lines).toContain('Matrix product   25 GFLOP/s (1024³ float32)');
    expect(lines).toContain('Small operation  8.3 µs');
    expect(lines).toContain('  TensorFlow from its Python wheel: Python 3 with pip was not found.');
    expect(lines.at(-1)).toBe('  Backend: Install pip, then: npm run setup');
  });

  it('ends with "All is well." if no check failed', () => {
    const well = { ...report, whyNotBetter: [], checks: [report.checks[1]] };
    expect(formatDoctor(well).split('\n').at(-1)).toBe('All is well.');
  });
});

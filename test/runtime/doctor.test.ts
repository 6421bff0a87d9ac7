import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { DoctorReport } from '../../shared/doctor.ts';
import { chooseAnotherBackend } from '../../shared/run.ts';
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
const missingFolder = join(tmpdir(), 'not', 'made', 'yet');

/** Each examination measures the machine, which takes seconds, so tests share them. */
const examinations = {
  'as it is': { folders: { dataFolder: () => missingFolder, configFolder: () => tmpdir() }, variables: {} },
  'with WASM and folders that cannot be written': {
    folders: {
      dataFolder: () => join(fileURLToPath(import.meta.url), 'below a file'),
      configFolder: noHome,
    },
    variables: { SPARSE_FIELD_LAB_BACKEND: 'wasm' },
  },
  'without graphs and without a home folder': {
    folders: { dataFolder: noHome, configFolder: noHome },
    variables: { SPARSE_FIELD_LAB_EXECUTION: 'eager' },
  },
} as const;

const reports = new Map<string, Promise<DoctorReport>>();

/** Returns the report on this machine under the conditions of one examination. */
function examine(name: keyof typeof examinations): Promise<DoctorReport> {
  const { folders, variables } = examinations[name];
  const run = () => {
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value);
    return runDoctor(folders);
  };
  const found = reports.get(name) ?? run();
  reports.set(name, found);
  return found;
}

const checkOf = ({ checks }: DoctorReport, wanted: string) => checks.find(({ name }) => name === wanted);

describe('the doctor', () => {
  it('measures this machine and finds the data folder', async () => {
    const found = await examine('as it is');
    expect(found.gigaflops).toBeGreaterThan(1);
    expect(found.dataFolder).toBe(missingFolder);
    expect(found.freeBytes).toBeGreaterThan(0);
    expect(checkOf(found, 'Data folder')).toEqual({
      name: 'Data folder',
      ok: true,
      found: `${missingFolder} (will be created)`,
      fix: null,
    });
  });

  it('has a fix for every failed check and none for the others', async () => {
    const found = await examine('with WASM and folders that cannot be written');
    for (const check of found.checks) expect(check.fix === null).toBe(check.ok);
    const failed = found.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).toEqual(expect.arrayContaining(['Data folder', 'Settings folder']));
  });
});

describe('the doctor of a backend that does not load', () => {
  it.each([
    [
      'and was chosen: says so once, and to choose another',
      `. ${chooseAnotherBackend}`,
      chooseAnotherBackend,
    ],
    ['says how to repair it', '', 'Delete node_modules, then: npm run setup'],
  ])('%s', async (_title, advice, fix) => {
    const run = () => Promise.reject(new Error(`WebGPU does not load (no card answers)${advice}`));
    const folders = { dataFolder: () => tmpdir(), configFolder: () => tmpdir() };
    const found = await runDoctor(folders, { depth: 'quick', run });
    const expected = { name: 'Backend', ok: false, found: 'WebGPU does not load (no card answers)', fix };
    expect(checkOf(found, 'Backend')).toEqual(expected);
    expect(formatDoctor(found).split('no card answers')).toHaveLength(2);
  });
});

describe('the doctor without a home folder', () => {
  it('names the environment variables to set instead of failing', async () => {
    const found = await examine('without graphs and without a home folder');
    expect([found.dataFolder, found.freeBytes]).toEqual([null, null]);
    expect(checkOf(found, 'Data folder')?.fix).toMatch(/Set HOME, or set SPARSE_/);
    expect(formatDoctor(found)).not.toContain('All is well.');
  });
});

describe('the doctor’s check of compiled graphs', () => {
  it('succeeds exactly with native TensorFlow', async () => {
    const found = await examine('as it is');
    const isNative = found.backend === 'tensorflow';
    expect(found.execution).toBe(isNative ? 'compiled' : 'eager');
    expect(checkOf(found, 'Compiled graphs')?.ok).toBe(isNative);
  });

  it.each([
    {
      examination: 'with WASM and folders that cannot be written',
      reason: 'graphs need native TensorFlow',
      fix: 'They come with native TensorFlow',
    },
    {
      examination: 'without graphs and without a home folder',
      reason: 'SPARSE_FIELD_LAB_EXECUTION is eager',
      fix: 'Unset SPARSE_FIELD_LAB_EXECUTION',
    },
  ] as const)('fails with a reason and a fix: $reason', async ({ examination, reason, fix }) => {
    const report = await examine(examination);
    expect(report.execution).toBe('eager');
    // Without native TensorFlow, the first reason takes precedence.
    if (report.backend === 'wasm' && reason.includes('EXECUTION')) return;
    const found = `training steps run operation by operation: ${reason}`;
    expect(checkOf(report, 'Compiled graphs')).toEqual({ name: 'Compiled graphs', ok: false, found, fix });
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

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import type { DoctorReport } from '../../main/runtime/doctor.ts';
import { runDoctor } from '../../main/runtime/doctor.ts';
import { formatDoctor } from '../../main/runtime/formatDoctor.ts';

const report: DoctorReport = {
  backend: 'wasm',
  version: '4.22.0',
  device: 'CPU',
  whyNotBetter: ['TensorFlow from its Python wheel: Python 3 with pip was not found.'],
  threads: 1,
  gigaflops: 25.4,
  microsecondsPerOperation: 8.25,
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

describe('the doctor', () => {
  it('measures this machine and finds where data can go', async () => {
    const dataFolder = join(tmpdir(), 'not', 'made', 'yet');
    const found = await runDoctor({ dataFolder });
    expect(found.gigaflops).toBeGreaterThan(1);
    expect(found.dataFolder).toBe(dataFolder);
    expect(found.freeBytes).toBeGreaterThan(0);
    const folder = found.checks.find(({ name }) => name === 'Data folder');
    expect(folder).toEqual({
      name: 'Data folder',
      ok: true,
      found: `${dataFolder} (will be made)`,
      fix: null,
    });
  });

  it('gives every failed check a fix, and none to the others', async () => {
    const found = await runDoctor({ dataFolder: join(fileURLToPath(import.meta.url), 'below a file') });
    for (const check of found.checks) expect(check.fix === null).toBe(check.ok);
    expect(found.checks.find(({ name }) => name === 'Data folder')?.ok).toBe(false);
  });
});

describe('the doctor’s text', () => {
  it('aligns what was found and ends with what to do', () => {
    const lines = formatDoctor(report).split('\n');
    expect(lines).toContain('Backend          ✗ WASM 4.22.0 (slow)');
    expect(lines).toContain('Disk             ✓ 5.0 GB free');
    expect(lines).toContain('Matrix product   25 GFLOP/s (1024³ float32)');
    expect(lines).toContain('Small operation  8.3 µs');
    expect(lines).toContain('  TensorFlow from its Python wheel: Python 3 with pip was not found.');
    expect(lines.at(-1)).toBe('  Backend: Install pip, then: npm run setup');
  });

  it('says so when all is well', () => {
    const well = { ...report, whyNotBetter: [], checks: [report.checks[1]] };
    expect(formatDoctor(well).split('\n').at(-1)).toBe('All is well.');
  });
});

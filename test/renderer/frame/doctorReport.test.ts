import { describe, expect, it } from 'vitest';
import {
  describeVerdict,
  listFacts,
  writeDoctorMarkdown,
} from '../../../renderer/models/doctor/doctorReport.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';

const report: DoctorReport = {
  backend: 'tensorflow',
  version: '2.21.0',
  device: 'CPU',
  whyNotBetter: ['No NVIDIA card was found.'],
  threads: 2,
  gigaflops: 61.44,
  microsecondsPerOperation: 14.2,
  execution: 'compiled',
  nodeVersion: '24.21.0',
  platform: 'linux x64',
  gpu: null,
  dataFolder: '/data',
  freeBytes: 48e9,
  checks: [
    { name: 'Node', ok: true, found: '24.21.0', fix: null },
    { name: 'Disk', ok: false, found: 'a | b\nc', fix: 'Make room' },
  ],
};

describe('doctorReport', () => {
  it('The verdict names the backend in one sentence', () => {
    expect(describeVerdict(report)).toBe(
      'Training runs with TensorFlow 2.21.0 on the CPU, steps run as one compiled graph.',
    );
    expect(describeVerdict({ ...report, backend: null })).toContain('This machine cannot compute');
  });

  it('Facts that were not measured are omitted', () => {
    const names = (value: DoctorReport) => listFacts(value).map(({ name }) => name);
    const measured = ['Threads', 'Matrix product', 'Overhead of one operation'];
    expect(names(report)).toEqual(expect.arrayContaining(measured));
    const blank = { ...report, threads: null, gigaflops: null, microsecondsPerOperation: null };
    expect(names(blank).filter((name) => measured.includes(name))).toEqual([]);
  });

  it('Findings with pipes and line breaks keep the columns of the Markdown table', () => {
    const text = writeDoctorMarkdown(report, { version: '0.1.0', findings: ['A run was interrupted.'] });
    expect(text).toContain("# Sparse Field Lab 0.1.0: doctor's report");
    expect(text).toContain(String.raw`| **failed** | Disk | a \| b c | Make room |`);
    expect(text).toContain('| ok | Node | 24.21.0 |  |');
    expect(text).toContain('- Free space: 48 GB');
    expect(text).toContain('- At startup: A run was interrupted.');
  });
});

import { describe, expect, it } from 'vitest';
import { datasetDisplay, describeProgress } from '../../../renderer/models/data/datasetDisplay.ts';
import {
  describeVerdict,
  listFacts,
  writeDoctorMarkdown,
} from '../../../renderer/models/doctor/doctorReport.ts';
import { filterLog, writeLog } from '../../../renderer/models/doctor/logLines.ts';
import {
  describeLane,
  describeLastKnown,
  describeSilence,
  describeWaiting,
  nameAmong,
} from '../../../renderer/models/frame/laneText.ts';
import { laneLine } from '../../../renderer/models/runs/rowCells.ts';
import { statusDisplay } from '../../../renderer/models/ui/statusDisplay.ts';
import { createUpdateGate } from '../../../renderer/stores/updateGate.ts';
import type { DoctorReport } from '../../../shared/doctor.ts';
import type { LaneProgress } from '../../../shared/queue.ts';
import { runStatuses } from '../../../shared/run.ts';

const training: LaneProgress = {
  job: { kind: 'training', runId: 'abcdefgh', name: 'tiny' },
  phase: 'training',
  done: 1204,
  total: 5000,
  fraction: 1204 / 5000,
  stepsPerSecond: 12.4,
  secondsLeft: 307,
  secondsLeftSpread: 30,
  quietSeconds: 1,
};

describe('the text about the queue', () => {
  it('describes a job by step, percentage, rate and time left', () => {
    expect(describeLane(training)).toEqual([
      'step 1204 of 5000',
      '24 %',
      '12 steps/s',
      '5 min 07 s ± 30 s left',
    ]);
  });

  it('names runs of one sweep by what distinguishes them, and a single job or other runs by their whole name', () => {
    const names = ['rates · dim 16 · seed 1', 'rates · dim 16 · seed 2', 'rates · dim 32 · seed 1'];
    expect(names.map((name) => nameAmong(name, names))).toEqual([
      'dim 16 · seed 1',
      'dim 16 · seed 2',
      'dim 32 · seed 1',
    ]);
    expect(nameAmong(names[0], [names[0]])).toBe(names[0]);
    expect(nameAmong(names[0], [names[0], 'widths'])).toBe(names[0]);
    expect(nameAmong('rates', ['rates', 'rates'])).toBe('rates');
  });

  it('says only what was known when the connection was lost', () => {
    expect(describeLastKnown([training])).toBe(
      '“tiny” was at step 1204 then; whether it still trains is not known.',
    );
    expect(describeLastKnown([{ ...training, phase: 'pausing' }])).toBe('“tiny” was being paused then.');
    const job = { ...training.job, kind: 'evaluation' } as const;
    expect(describeLastKnown([{ ...training, job }])).toBe('“tiny” was being evaluated then.');
    expect(describeLastKnown([])).toBe('Nothing was being computed then.');
  });

  it('omits unknown values', () => {
    const blank = {
      ...training,
      done: 0,
      total: null,
      fraction: null,
      stepsPerSecond: null,
      secondsLeft: null,
      secondsLeftSpread: null,
    };
    expect(describeLane(blank)).toEqual([]);
  });

  it('counts images of an evaluation', () => {
    const job = { ...training.job, kind: 'evaluation' } as const;
    expect(describeLane({ ...training, job, done: 3, total: 100 })[0]).toBe('image 3 of 100');
  });

  it('says the percentage of a study, not the thousands of evaluations that it counts', () => {
    const job = { ...training.job, kind: 'study' } as const;
    const study = { ...training, job, done: 1152, total: 11872, fraction: 0.1, stepsPerSecond: null };
    expect(describeLane(study)[0]).toBe('10 %');
    expect(laneLine(study)).toBe('studying 10 %');
  });

  it('mentions silence of the compute process only if it is unusual', () => {
    expect(describeSilence(training)).toBeNull();
    expect(describeSilence({ ...training, quietSeconds: 25 })).toEqual({
      text: 'quiet for 25 s',
      isWarning: false,
    });
    expect(describeSilence({ ...training, quietSeconds: 90 })).toEqual({
      text: 'quiet for 1 min 30 s',
      isWarning: true,
    });
  });

  it('counts waiting jobs, and states whether the queue is held', () => {
    expect([describeWaiting(0, true), describeWaiting(2, false), describeWaiting(2, true)]).toEqual([
      '',
      '2 waiting',
      '2 held',
    ]);
  });
});

const time = '2026-01-02T03:04:05.000Z';
const lines = (['info', 'warn', 'error'] as const).map((level) => ({ time, level, text: `a ${level}` }));

describe('log lines', () => {
  it('are filtered by level', () => {
    expect((['all', 'warnings', 'errors'] as const).map((filter) => filterLog(lines, filter).length)).toEqual(
      [3, 2, 1],
    );
  });

  it('are copied with time and level', () => {
    expect(writeLog(lines.slice(1))).toBe(`${time} warn a warn\n${time} error a error`);
  });
});

describe('the progress of a dataset', () => {
  it('is stated in bytes or images', () => {
    const bytes = { id: 'a', phase: 'downloading', done: 54e6, total: 170e6, unit: 'bytes' } as const;
    expect(describeProgress(bytes)).toBe('Downloading: 54 MB of 170 MB, 31 %');
    const images = { id: 'a', phase: 'verifying', done: 500, total: 2000, unit: 'images' } as const;
    expect(describeProgress(images)).toBe('Verifying: 500 of 2000 images, 25 %');
  });

  it('is a count if the total is unknown', () => {
    const open = { id: 'a', phase: 'reading', done: 12, total: null, unit: 'images' } as const;
    expect(describeProgress(open)).toBe('Reading images: 12 images');
  });
});

describe('the display of a status', () => {
  it('has its own icon and name, so that colour is never the only difference', () => {
    for (const looks of [runStatuses.map((status) => statusDisplay[status]), Object.values(datasetDisplay)]) {
      expect(new Set(looks.map(({ icon }) => icon)).size).toBe(looks.length);
      expect(new Set(looks.map(({ label }) => label)).size).toBe(looks.length);
    }
  });
});

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

describe('the report of the doctor', () => {
  it('names the backend in one sentence', () => {
    expect(describeVerdict(report)).toBe(
      'Training runs with TensorFlow 2.21.0 on the CPU, steps run as one compiled graph.',
    );
    expect(describeVerdict({ ...report, backend: null })).toContain('This machine cannot compute');
  });

  it('omits facts that were not measured', () => {
    const names = (value: DoctorReport) => listFacts(value).map(({ name }) => name);
    const measured = ['Threads', 'Matrix product', 'Overhead of one operation'];
    expect(names(report)).toEqual(expect.arrayContaining(measured));
    const blank = { ...report, threads: null, gigaflops: null, microsecondsPerOperation: null };
    expect(names(blank).filter((name) => measured.includes(name))).toEqual([]);
  });

  it('names the card that computes through WebGPU, with its speed in whole numbers, and not the threads of the processor', () => {
    const card = { ...report, backend: 'webgpu', gpu: null, adapter: 'Test card', gigaflops: 5120 } as const;
    const facts = Object.fromEntries(listFacts(card).map(({ name, value }) => [name, value]));
    expect(facts).toMatchObject({
      'Graphics card': 'Test card',
      'Matrix product': '5120 billion operations/s',
    });
    expect(facts).not.toHaveProperty('Threads');
  });

  it('escapes pipes and line breaks in its Markdown table', () => {
    const text = writeDoctorMarkdown(report, { version: '0.1.0', findings: ['A run was interrupted.'] });
    expect(text).toContain("# Sparse Field Lab 0.1.0: doctor's report");
    expect(text).toContain(String.raw`| **failed** | Disk | a \| b c | Make room |`);
    expect(text).toContain('| ok | Node | 24.21.0 |  |');
    expect(text).toContain('- Free space: 48 GB');
    expect(text).toContain('- At startup: A run was interrupted.');
  });
});

describe('the update gate', () => {
  it('reports a response as the newest if no event arrived since the request', async () => {
    const gate = createUpdateGate();
    gate.countEvent();
    expect(await gate.wait(Promise.resolve('a'))).toEqual({ value: 'a', isNewest: true });
  });

  it('reports a response as outdated if an event arrived since the request', async () => {
    const gate = createUpdateGate();
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = gate.wait(promise);
    gate.countEvent();
    resolve('a');
    expect(await waiting).toEqual({ value: 'a', isNewest: false });
  });
});

import { describe, expect, it } from 'vitest';
import { datasetDisplay, describeProgress } from '../../../renderer/models/data/datasetDisplay.ts';
import { filterLog, writeLog } from '../../../renderer/models/doctor/logLines.ts';
import { statusDisplay } from '../../../renderer/models/ui/statusDisplay.ts';
import { runStatuses } from '../../../shared/run.ts';

const time = '2026-01-02T03:04:05.000Z';
const lines = (['info', 'warn', 'error'] as const).map((level) => ({ time, level, text: `a ${level}` }));

describe('log lines', () => {
  it('Log lines are filtered by level', () => {
    expect((['all', 'warnings', 'errors'] as const).map((filter) => filterLog(lines, filter).length)).toEqual(
      [3, 2, 1],
    );
  });

  it('Log lines are copied with time and level', () => {
    expect(writeLog(lines.slice(1))).toBe(`${time} warn a warn\n${time} error a error`);
  });
});

describe('progress of a dataset', () => {
  it('Progress is given in bytes or images', () => {
    const bytes = { id: 'a', phase: 'downloading', done: 54e6, total: 170e6, unit: 'bytes' } as const;
    expect(describeProgress(bytes)).toBe('Downloading: 54 MB of 170 MB, 31 %');
    const images = { id: 'a', phase: 'verifying', done: 500, total: 2000, unit: 'images' } as const;
    expect(describeProgress(images)).toBe('Verifying: 500 of 2000 images, 25 %');
  });

  it('Progress without a known total is a count', () => {
    const open = { id: 'a', phase: 'reading', done: 12, total: null, unit: 'images' } as const;
    expect(describeProgress(open)).toBe('Reading images: 12 images');
  });
});

describe('status symbols', () => {
  it('Every status of a run or dataset has its own icon and name, so that colour is never the only difference', () => {
    for (const looks of [runStatuses.map((status) => statusDisplay[status]), Object.values(datasetDisplay)]) {
      expect(new Set(looks.map(({ icon }) => icon)).size).toBe(looks.length);
      expect(new Set(looks.map(({ label }) => label)).size).toBe(looks.length);
    }
  });
});

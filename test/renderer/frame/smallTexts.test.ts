import { describe, expect, it } from 'vitest';
import { dataSetLook, describeProgress } from '../../../renderer/models/data/dataSetLook.ts';
import { filterLog, writeLog } from '../../../renderer/models/doctor/logLines.ts';
import { statusLook } from '../../../renderer/models/ui/statusLook.ts';
import { runStatuses } from '../../../shared/run.ts';

const time = '2026-01-02T03:04:05.000Z';
const lines = (['info', 'warn', 'error'] as const).map((level) => ({ time, level, text: `a ${level}` }));

describe('lines of the log', () => {
  it('are filtered by how bad they are', () => {
    expect((['all', 'warnings', 'errors'] as const).map((filter) => filterLog(lines, filter).length)).toEqual(
      [3, 2, 1],
    );
  });

  it('are copied with time and level', () => {
    expect(writeLog(lines.slice(1))).toBe(`${time} warn a warn\n${time} error a error`);
  });
});

describe('the progress of a data set', () => {
  it('is told in its own unit', () => {
    const bytes = { id: 'a', phase: 'downloading', done: 54e6, total: 170e6, unit: 'bytes' } as const;
    expect(describeProgress(bytes)).toBe('Downloading: 54 MB of 170 MB, 31 %');
    const images = { id: 'a', phase: 'verifying', done: 500, total: 2000, unit: 'images' } as const;
    expect(describeProgress(images)).toBe('Verifying: 500 of 2000 images, 25 %');
  });

  it('is a count where the end is not known', () => {
    const open = { id: 'a', phase: 'reading', done: 12, total: null, unit: 'images' } as const;
    expect(describeProgress(open)).toBe('Reading images: 12 images');
  });
});

describe('every state', () => {
  it('of a run or data set has an icon and a word of its own: colour alone tells nothing', () => {
    for (const looks of [runStatuses.map((status) => statusLook[status]), Object.values(dataSetLook)]) {
      expect(new Set(looks.map(({ icon }) => icon)).size).toBe(looks.length);
      expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
    }
  });
});

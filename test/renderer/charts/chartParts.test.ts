import { describe, expect, it } from 'vitest';
import { findMarkers, positionOfStep } from '../../../renderer/models/charts/chartModel.ts';
import { withAlpha } from '../../../renderer/models/charts/chartTheme.ts';
import { emptyCurve } from '../../../renderer/models/charts/curve.ts';
import { fileName } from '../../../renderer/api/saveFile.ts';

const curve = { ...emptyCurve('aaaaaaaa', 'loss'), steps: [10, 20, 40], x: [1, 2, 4] };
const backend = { kind: 'wasm', device: 'CPU', version: '4' } as const;
const segment = (fromStep: number) => ({
  runId: 'aaaaaaaa',
  fromStep,
  toStep: null,
  startedAt: '',
  endedAt: null,
  backend,
});
const checkpoint = (step: number, isBest: boolean) => ({
  runId: 'aaaaaaaa',
  step,
  file: '',
  bytes: 1,
  sha256: '',
  isBest,
  createdAt: '',
});

describe('findMarkers', () => {
  it('Markers are at resumed steps and at the best checkpoint', () => {
    const source = {
      segments: [segment(0), segment(20)],
      checkpoints: [checkpoint(30, true), checkpoint(40, false)],
    };
    expect(findMarkers(source, curve)).toEqual([
      { x: 2, label: 'resumed' },
      { x: 3, label: 'best' },
    ]);
  });

  it('Steps outside the curve have no position', () => {
    expect(positionOfStep(curve, 5)).toBeNull();
    expect(positionOfStep(curve, 50)).toBeNull();
  });
});

describe('fileName', () => {
  it('File names contain only letters, digits, dots and dashes', () => {
    expect(fileName('../run "one" / größe', 'loss', 'png')).toBe('run-one-größe-loss.png');
    expect(fileName('…', 'csv')).toBe('file.csv');
  });
});

describe('withAlpha', () => {
  it('Hexadecimal and rgb() colours are given an opacity', () => {
    expect(withAlpha('#1f5fa8', 0.5)).toBe('rgba(31, 95, 168, 0.5)');
    expect(withAlpha('#fff', 1)).toBe('rgba(255, 255, 255, 1)');
    expect(withAlpha('rgb(1, 2, 3)', 0.1)).toBe('rgba(1, 2, 3, 0.1)');
  });
});

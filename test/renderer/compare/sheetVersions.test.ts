import { describe, expect, it } from 'vitest';
import { areaOf, sheetVersions } from '../../../renderer/models/compare/sheetVersions.ts';
import type { ComparedRun } from '../../../shared/comparison/comparison.ts';
import { presets, resolvePreset } from '../../../shared/config/presets.ts';
import { commonProtocols } from '../../../shared/comparison/commonProtocols.ts';
import { comparisonOfRuns } from '../../../shared/comparison/comparisonOfRuns.ts';
import { exampleEvaluation, exampleRow } from '../../reports/exampleEvaluation.ts';
import { canCompare, comparedIds } from '../../../renderer/models/compare/compareAddress.ts';

describe('areaOf', () => {
  it('The area of an image follows from its column and row', () => {
    const imageSheets = { images: 100, columns: 10, imageSize: 32, sheets: ['truth', 'known'], states: [] };
    expect(areaOf(imageSheets, 0)).toEqual({ x: 0, y: 0, width: 32, height: 32 });
    expect(areaOf(imageSheets, 37)).toEqual({ x: 224, y: 96, width: 32, height: 32 });
  });
});

describe('sheetVersions', () => {
  it('If a method was evaluated with several step counts, each row has its own sheet', () => {
    const rows = [5, 10].map((solverSteps) =>
      exampleRow({
        method: 'flow · one sample (heun)',
        nfe: solverSteps,
        samples: 1,
        solver: 'heun',
        solverSteps,
      }),
    );
    const sheets = ['truth', 'known', ...rows.map(({ method }) => method)];
    const imageSheets = { images: 4, columns: 2, imageSize: 32, sheets, states: [] };
    const { protocol } = exampleEvaluation;
    const runs = ['aaaaaaaa', 'bbbbbbbb'].map((id, index): ComparedRun => ({
      summary: { id, name: id } as ComparedRun['summary'],
      config: resolvePreset(presets[0]),
      evaluations: [
        { id: index + 1, step: 1, createdAt: '2026-01-01T00:00:00Z', imageSheets, protocol, rows },
      ],
      checkpoints: [],
    }));
    const comparison = comparisonOfRuns(runs, commonProtocols(runs)[0], 'one sample (heun), heun 10');
    expect(sheetVersions(runs, comparison).map(({ path }) => path)).toEqual([
      'runs/aaaaaaaa/evaluations/1/0.png',
      'runs/aaaaaaaa/evaluations/1/1.png',
      'runs/aaaaaaaa/evaluations/1/3.png',
      'runs/bbbbbbbb/evaluations/2/3.png',
    ]);
  });
});

describe('compareAddress', () => {
  it('The address contains each valid run once, at most ten', () => {
    expect(comparedIds({ runs: 'aaaaaaaa,bbbbbbbb,aaaaaaaa,../../etc,cccccccc' })).toEqual([
      'aaaaaaaa',
      'bbbbbbbb',
      'cccccccc',
    ]);
    const many = Array.from({ length: 12 }, (_, index) => `aaaaaaa${'abcdefghijkl'[index]}`);
    expect(comparedIds({ runs: many.join(',') })).toHaveLength(10);
    expect(comparedIds({})).toEqual([]);
  });

  it('Two to ten runs can be compared', () => {
    expect([0, 1, 2, 10, 11].map((count) => canCompare(Array.from({ length: count }, String)))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

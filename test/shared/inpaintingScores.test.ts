import { describe, expect, it } from 'vitest';
import { comparisonCells } from '../../shared/comparison/comparisonTables.ts';
import {
  inpaintingScoresCsv,
  inpaintingScoresLatex,
  inpaintingScoresMarkdown,
  inpaintingScoreTable,
} from '../../renderer/models/inpainting/inpaintingScores.ts';
import { exampleEntry, exampleResult } from '../renderer/inpainting/exampleEntry.ts';

describe('the scores of an inpainting', () => {
  it('mark the best value of each metric but no time', () => {
    const cells = comparisonCells(inpaintingScoreTable(exampleEntry()));
    expect(cells.map((row) => row.map(({ text, isBest }) => (isBest ? `${text}!` : text)))).toEqual([
      ['24.50!', '23.40!', '0.8100', '2.00'],
      ['22.10', '21.30', '0.8400!', '0.10'],
    ]);
  });

  it('are infinite for an exact image, and have no SSIM if the image is smaller than its window', () => {
    const scores = [{ method: 'result', psnr: Infinity, psnrUnobserved: Infinity, ssim: null, seconds: 1 }];
    const cells = comparisonCells(
      inpaintingScoreTable(exampleEntry({}, { result: exampleResult({ scores }) })),
    );
    expect(cells[0].map(({ text }) => text)).toEqual(['exact', 'exact', '–', '1.00']);
  });

  it('contain no metrics if the truth is unknown', () => {
    for (const entry of [exampleEntry({ truthIsKnown: false }), exampleEntry({ scale: 2 })]) {
      expect(inpaintingScoreTable(entry).columns.map(({ heading }) => heading.join(' '))).toEqual([
        'seconds',
      ]);
    }
  });

  it('are copied with image, mask, run and sampling settings', () => {
    const entry = exampleEntry();
    const protocol =
      'harbour.png, 40×30; 240 of 1200 pixels known; run first try, step 1500, heun 10, seed 0.';
    expect(inpaintingScoresMarkdown(entry)).toContain('| result | **24.50** | **23.40** | 0.8100 | 2.00 |');
    expect(inpaintingScoresMarkdown(entry)).toContain(protocol);
    expect(inpaintingScoresCsv(entry).split('\r\n')[1]).toBe(
      `result,24.5,23.4,0.81,2,"${protocol} Known pixels pasted."`,
    );
    expect(inpaintingScoresLatex(entry)).toContain(
      'result & \\textbf{24.50} & \\textbf{23.40} & 0.8100 & 2.00',
    );
  });
});

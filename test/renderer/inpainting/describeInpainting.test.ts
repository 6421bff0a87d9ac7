import { describe, expect, it } from 'vitest';
import {
  describeMask,
  describeSolver,
  formatSeconds,
  listFacts,
  resultPsnr,
} from '../../../renderer/models/inpainting/describeInpainting.ts';
import { exampleEntry, exampleResult } from './exampleEntry.ts';

describe('the description of an inpainting', () => {
  it('names the solver, the steps and the number of averaged samples', () => {
    expect(describeSolver(exampleEntry().request)).toBe('heun, 10 steps');
    expect(describeSolver(exampleEntry({ solver: 'euler', steps: 1, samples: 4 }).request)).toBe(
      'euler, 1 step, mean of 4 samples',
    );
  });

  it('formats the fraction of known pixels without trailing zeros', () => {
    const drawn = (keepRatio: number) =>
      describeMask(exampleEntry({ mask: { kind: 'drawn', pattern: 'grid', keepRatio, seed: 3 } }).request);
    expect(drawn(0.2)).toBe('grid, 20 % known, seed 3');
    expect(drawn(1)).toBe('grid, 100 % known, seed 3');
    expect(drawn(0.125)).toBe('grid, 12.5 % known, seed 3');
  });

  it('has a PSNR only if the truth is known, and “exact” for an exact result', () => {
    expect(resultPsnr(exampleEntry())).toBe('24.50 dB');
    expect(resultPsnr(exampleEntry({ truthIsKnown: false }))).toBeNull();
    expect(resultPsnr(exampleEntry({ scale: 2 }))).toBeNull();
    expect(resultPsnr(exampleEntry({}, { result: null }))).toBeNull();
    const [score] = exampleResult().scores;
    const exact = exampleResult({ scores: [{ ...score, psnr: Infinity }] });
    expect(resultPsnr(exampleEntry({}, { result: exact }))).toBe('exact');
  });

  it('leaves out facts that are unknown before the result', () => {
    const facts = (entry = exampleEntry()) => listFacts(entry).map(({ name }) => name);
    expect(facts()).toEqual(expect.arrayContaining(['Known', 'NFE per sample', 'Memory', 'Tiles']));
    expect(facts(exampleEntry({}, { result: null }))).not.toContain('Known');
    expect(listFacts(exampleEntry()).find(({ name }) => name === 'Known')?.text).toBe('240 of 1200, 20 %');
  });

  it('formats times below ten seconds with one decimal', () => {
    expect([0.04, 2.34, 9.9, 75].map(formatSeconds)).toEqual(['0.0 s', '2.3 s', '9.9 s', '1 min 15 s']);
  });
});

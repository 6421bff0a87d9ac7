import { describe, expect, it } from 'vitest';
import { describeRun, matchesSearch } from '../../../renderer/models/inpainting/methodChoices.ts';
import { exampleRunSummary } from '../../shared/exampleRun.ts';

const run = exampleRunSummary({
  name: 'Photographs, three nights',
  field: 'unet',
  step: 4100,
  source: 'holiday',
  preset: 'mend',
  tags: ['good'],
  bestPsnr: 24.315,
  scores: { key: '1', label: 'holiday 64×64, crops · mixture' },
});
const advice = {
  runId: run.id,
  trainedOn: 'brush strokes and text of 64 × 64 crops',
  imageSize: 64,
  isCropped: true,
  warning: null,
  obstacle: null,
};

describe('a run in the list of methods', () => {
  it('shows network, masks and images of its training, and its score with what that was measured on', () => {
    const { facts, score } = describeRun(run, advice);
    expect(facts).toBe('U-Net · step 4100 · trained on brush strokes and text of 64 × 64 crops');
    expect(score).toMatch(/^Best 24\.3[12] dB on holiday 64×64, crops · mixture$/);
    expect(describeRun({ ...run, bestPsnr: null }, null).score).toBe('holiday · not evaluated');
  });

  it('is found by words of its name, data, masks, network, preset and tags, in any order', () => {
    const choice = describeRun(run, advice);
    for (const query of ['nights photo', 'strokes', 'U-NET', 'holiday', 'mend', 'good', ' '])
      expect(matchesSearch(choice, query), query).toBe(true);
    expect(matchesSearch(choice, 'nights blocks')).toBe(false);
  });
});

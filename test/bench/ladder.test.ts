import { describe, expect, it } from 'vitest';

import { formatLadder, missingRungs, type Rung } from './ladder.ts';
import { attributeTime } from './loopCost.ts';

function rung(minutes: number): Rung {
  const interval = [23, 24] as const;
  const classical = {
    method: 'thin plate',
    nfe: 0,
    psnr: 22.8,
    psnrInterval: null,
    ssim: 0.8,
    ssimInterval: null,
  };
  const mean = {
    method: 'flow',
    nfe: 1,
    psnr: 23.5,
    psnrInterval: interval,
    ssim: 0.81,
    ssimInterval: interval,
  };
  const scores = [classical, mean].map((score) => ({ ...score, crps: null, crpsInterval: null }));
  return { minutes, steps: 100 * minutes, load: [0, 2], scores };
}

describe('missingRungs', () => {
  it('returns what has not been scored, once each and shortest first', () => {
    expect(missingRungs([10, 3, 30, 10], [])).toEqual([3, 10, 30]);
    expect(missingRungs([10, 3, 30], [rung(3), rung(10)])).toEqual([30]);
  });

  it('refuses a rung that the run has already passed', () => {
    expect(() => missingRungs([3, 10], [rung(10)])).toThrow('trained for 10 min');
  });
});

describe('formatLadder', () => {
  it('shows the network at every rung and the classical methods once', () => {
    const setting = { preset: 'laptop', data: 'cifar10', images: 100, samples: 8 };
    const machine = { cpu: 'Example 9000', cores: 2, node: '24.0.0' };
    const text = formatLadder({ setting, machine, rungs: [rung(3), rung(10)] });
    const rows = text
      .split('\n')
      .slice(4)
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['3', '300', '0.0 to 2.0', 'flow', '1', '23.50 (23.00 to 24.00)', '0.810 (23.000 to 24.000)', '–'],
      ['10', '1000', '0.0 to 2.0', 'flow', '1', '23.50 (23.00 to 24.00)', '0.810 (23.000 to 24.000)', '–'],
      ['–', '–', '–', 'thin plate', '0', '22.80', '0.800', '–'],
    ]);
  });
});

describe('attributeTime', () => {
  const at = (seconds: number, event: string, step?: number) => ({
    value: { event, ...(step !== undefined && { step }) },
    seconds,
    processorSeconds: 2 * seconds,
  });

  it('attributes the time between events to the work that each event ends, from the first step to the last', () => {
    const lines = [at(1, 'run'), at(3, 'preview', 0), at(4, 'step', 1), at(5, 'step', 2)];
    const rest = [
      at(7, 'evaluation', 2),
      at(7.5, 'checkpoint', 2),
      at(8, 'step', 3),
      at(20, 'evaluation', 3),
    ];
    expect(attributeTime([...lines, ...rest])).toEqual({
      steps: 2,
      firstStep: { seconds: 4, processorSeconds: 8 },
      seconds: 4,
      work: {
        evaluation: { count: 1, seconds: 2 },
        references: { count: 0, seconds: 0 },
        preview: { count: 0, seconds: 0 },
        checkpoint: { count: 1, seconds: 0.5 },
      },
    });
  });

  it('reports a run that took no step', () => {
    expect(() => attributeTime([at(1, 'run')])).toThrow('took no step');
  });
});

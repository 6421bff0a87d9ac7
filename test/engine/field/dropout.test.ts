import { describe, expect, it } from 'vitest';
import { createDropout, type Dropout, noDropout } from '../../../main/engine/field/dropout.ts';
import { seedArray } from '../../../main/engine/random.ts';
import { tf } from '../../support/backend.ts';
import { expectClose, numbersOf } from './waves.ts';
import { toTensor } from '../../../main/engine/tensors.ts';

const ones = tf.ones([50, 40]);

interface Place {
  readonly rate: number;
  readonly seed?: number;
  readonly step?: number;
}

function dropoutOf({ rate, seed = 42, step = 3 }: Place): Dropout {
  return createDropout({ rate, seed: toTensor(seedArray({ seed, stream: 'dropout', step })) });
}

const dropped = (options: Place): number[] => numbersOf(dropoutOf(options)(ones));

describe('createDropout', () => {
  it('drops the same units for the same seed and step, others for another seed or step', () => {
    const first = dropped({ rate: 0.5 });
    expect(dropped({ rate: 0.5 })).toEqual(first);
    expect(dropped({ rate: 0.5, seed: 43 })).not.toEqual(first);
    expect(dropped({ rate: 0.5, step: 4 })).not.toEqual(first);
  });

  it('drops other units at every place of one forward pass', () => {
    const dropout = dropoutOf({ rate: 0.5 });
    expect(numbersOf(dropout(ones))).not.toEqual(numbersOf(dropout(ones)));
  });

  it('drops the share asked for and scales the rest, so that the expectation stays', () => {
    const values = dropped({ rate: 0.2 });
    const kept = values.filter((value) => value !== 0);
    kept.forEach((value) => expect(value).toBeCloseTo(1.25, 6));
    // Five standard errors of a fraction of 2000 units.
    expect(Math.abs(kept.length / values.length - 0.8)).toBeLessThan(5 * Math.sqrt((0.8 * 0.2) / 2000));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 1)).toBeLessThan(5 * 1.25 * Math.sqrt((0.8 * 0.2) / 2000));
  });

  it('is the identity at rate 0', () => {
    expect(dropoutOf({ rate: 0 })).toBe(noDropout);
    expect(noDropout(ones)).toBe(ones);
  });

  it('passes the gradient through the units it kept', () => {
    const gradient = tf.grad((x) => tf.sum(dropoutOf({ rate: 0.5, seed: 1 })(x)))(ones);
    expectClose(gradient, dropoutOf({ rate: 0.5, seed: 1 })(ones));
  });
});

import { expect, it } from 'vitest';
import { describeTime } from '../../../renderer/components/images/stateTime.ts';

it('the start and the end alone are called so', () => {
  expect([0, 0.0031, 0.25, 0.4, 0.998, 1].map(describeTime)).toEqual([
    't = 0.00',
    't = 0.0031',
    't = 0.25',
    't = 0.40',
    't = 0.9980',
    't = 1.00',
  ]);
});

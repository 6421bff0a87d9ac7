import { expect, it } from 'vitest';
import { createNewestRows } from '../../../renderer/stores/updateGate.ts';

it('A late answer keeps the rows that an event changed while it was on its way, and takes all others', async () => {
  const newest = createNewestRows<{ id: string; step: number }>();
  newest.countEvent([{ id: 'before', step: 1 }]);
  const answer = Promise.withResolvers<{ id: string; step: number }[]>();
  const rows = newest.wait(answer.promise);
  newest.countEvent([{ id: 'meanwhile', step: 20 }]);
  answer.resolve([
    { id: 'before', step: 2 },
    { id: 'meanwhile', step: 10 },
    { id: 'never', step: 3 },
  ]);
  expect(await rows).toEqual([
    { id: 'before', step: 2 },
    { id: 'meanwhile', step: 20 },
    { id: 'never', step: 3 },
  ]);
});

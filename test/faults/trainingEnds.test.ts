/** Trainings that are ended from outside, in every way. */

import { expect, it } from 'vitest';
import {
  describeFaults,
  findProcess,
  inspectStore,
  launch,
  longTraining,
  makePlace,
  waitForStep,
  waitUntilGone,
} from './support/driver.ts';

describeFaults('a training', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`pauses with a checkpoint at ${signal}`, async () => {
      const place = await makePlace();
      const training = launch(place, 'node', longTraining(place));
      await waitForStep(place, 1);
      process.kill(findProcess(place, 'program').pid, signal);
      expect(await training.ended).toBe(0);
      await waitUntilGone(place);
      const { runs, findings, checkpoints } = inspectStore(place);
      expect(runs).toMatchObject([{ status: 'paused', error: null }]);
      expect(checkpoints[0]).toBe(runs[0].step);
      expect(findings).toEqual([]);
    });
  }
});

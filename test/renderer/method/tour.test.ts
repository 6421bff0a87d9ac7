import { expect, it } from 'vitest';
import {
  afterStep,
  currentStep,
  readProgress,
  tourStart,
  tourStepIds,
} from '../../../renderer/models/tour/tourProgress.ts';

it('the tour goes through every step once, and then is over', () => {
  let progress = tourStart;
  const seen = tourStepIds.map(() => {
    const step = currentStep(progress);
    progress = afterStep(progress);
    return step;
  });
  expect(seen).toEqual(tourStepIds);
  expect(currentStep(progress)).toBeNull();
  expect(afterStep(progress)).toEqual(progress);
});

it('progress is stored and read again, and what is not understood begins at the start', () => {
  const progress = { isOpen: true, step: 3, runId: 'abcdefgh' };
  expect(readProgress(JSON.stringify(progress))).toEqual(progress);
  expect(readProgress('{"isOpen":true,"step":99,"runId":"../x"}')).toEqual({ ...tourStart, isOpen: true });
  for (const text of ['', 'null', '[]', '{"step":-1}']) expect(readProgress(text)).toEqual(tourStart);
});

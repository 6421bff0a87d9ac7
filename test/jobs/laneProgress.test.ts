import { describe, expect, it } from 'vitest';
import { createPace, type Pace, type PaceReading } from '../../main/jobs/laneProgress.ts';

/** Steps of so many milliseconds each; `between` are the seconds that pass between two steps. */
function run(pace: Pace, milliseconds: readonly number[], between = 0): PaceReading {
  let seconds = 0;
  return milliseconds
    .map((time, index) => {
      seconds += time / 1000 + between;
      const numbers = { loss: 1, gradNorm: 1, learningRate: 1, epoch: 0 };
      return pace.read({
        type: 'step',
        step: index + 1,
        ...numbers,
        milliseconds: time,
        processSeconds: seconds,
      });
    })
    .reduce((_, reading) => reading);
}

function startPace(totalSteps: number, minutes: number | null = null): Pace {
  const pace = createPace();
  pace.start({ step: 0, totalSteps, minutes });
  return pace;
}

describe('the pace of a training', () => {
  it('says nothing after the first step, which compiles the graph', () => {
    const unknown = { stepsPerSecond: null, secondsLeft: null, secondsLeftSpread: null };
    expect(run(startPace(100), [90_000])).toEqual(unknown);
  });

  it('is exact for steps that are all equally long, whatever the first one took', () => {
    const { stepsPerSecond, secondsLeft, secondsLeftSpread } = run(startPace(100), [
      90_000,
      ...Array(39).fill(500),
    ]);
    expect(stepsPerSecond).toBeCloseTo(2, 9);
    expect(secondsLeft).toBeCloseTo(30, 6);
    expect(secondsLeftSpread).toBeCloseTo(0, 6);
  });

  it('counts the time between steps, in which evaluations and previews are made', () => {
    const { stepsPerSecond, secondsLeft } = run(startPace(100), Array(50).fill(500), 0.5);
    expect(stepsPerSecond).toBeCloseTo(2, 9);
    expect(secondsLeft).toBeCloseTo(50, 6);
  });

  it('is the less certain the more the steps differ', () => {
    const calm = run(
      startPace(1000),
      Array.from({ length: 200 }, (_, step) => (step % 2 ? 490 : 510)),
    );
    const wild = run(
      startPace(1000),
      Array.from({ length: 200 }, (_, step) => (step % 2 ? 100 : 900)),
    );
    expect(wild.secondsLeftSpread).toBeGreaterThan(10 * (calm.secondsLeftSpread ?? NaN));
  });

  it('ends with the minutes where those are over first, never below zero', () => {
    expect(run(startPace(100_000, 1), Array(20).fill(500)).secondsLeft).toBeCloseTo(50, 6);
    expect(run(startPace(100_000, 1), Array(200).fill(500)).secondsLeft).toBe(0);
    expect(run(startPace(100_000, 1), Array(20).fill(500)).secondsLeftSpread).toBe(0);
  });
});

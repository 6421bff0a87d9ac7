import { describe, expect, it } from 'vitest';
import {
  describeCrosshair,
  moveCrosshair,
  nearestIndex,
  snapPointer,
  stepAt,
} from '../../../renderer/models/charts/crosshair.ts';
import type { ChartLine } from '../../../renderer/models/charts/chartModel.ts';
import { emptyCurve } from '../../../renderer/models/charts/curve.ts';
import { nearestStep } from '../../../renderer/models/images/inspectorChoices.ts';

function line(label: string, steps: readonly number[]): ChartLine {
  const curve = {
    ...emptyCurve('aaaaaaaa', 'loss'),
    steps,
    x: steps.map((step) => step / 10),
    values: steps.map((step) => step / 100),
    smoothed: steps.map((step) => step / 100),
    processSeconds: steps.map((step) => step / 5),
    wallTimes: steps.map(() => 0),
  };
  return { label, colour: '#000000', dash: [], curve };
}

const own = line('wide', [10, 20, 40]);
const other = line('deep', [12, 38]);

describe('nearestIndex', () => {
  it('finds the nearest of ascending values, the lower of two, and no index without values', () => {
    expect([-5, 1, 1.4, 1.5, 1.6, 3, 9].map((wanted) => nearestIndex([1, 2, 4], wanted))).toEqual([
      0, 0, 0, 0, 1, 1, 2,
    ]);
    expect(nearestIndex([], 3)).toBe(-1);
  });
});

describe('the crosshair', () => {
  it('snaps to the points of the current run, or follows the pointer if it has none', () => {
    expect(snapPointer({ lines: [own, other] }, 3.4)).toBe(4);
    expect(snapPointer({ lines: [line('new', []), other] }, 3.4)).toBe(3.4);
  });

  it('chooses the step of the nearest point, of another run if the current one has none', () => {
    expect(stepAt({ lines: [own, other] }, 2.2)).toBe(20);
    expect(stepAt({ lines: [line('new', []), other] }, 2.7)).toBe(38);
    expect(stepAt({ lines: [] }, 1)).toBeNull();
  });

  it('moves by points of the current run, stays at the ends, and within the visible range', () => {
    const model = { lines: [own], range: null };
    expect([moveCrosshair(model, 1, 1), moveCrosshair(model, 4, 1), moveCrosshair(model, 1, -1)]).toEqual([
      2, 4, 1,
    ]);
    expect([moveCrosshair(model, null, 1), moveCrosshair(model, null, -1)]).toEqual([1, 4]);
    expect(moveCrosshair({ lines: [own], range: { from: 1.5, to: 3 } }, null, -1)).toBe(2);
    expect(moveCrosshair({ lines: [own], range: { from: 5, to: 6 } }, 5.5, 1)).toBeNull();
  });

  it('is described by the place of the current run and the value of every run, with its step where that differs', () => {
    const text = describeCrosshair({ lines: [own, other] }, 4);
    expect(text).toMatch(
      /^step 40 · 8 s of training · \d\d:\d\d:\d\d\. wide: 0\.4000\. deep: 0\.3800, step 38$/,
    );
  });
});

describe('nearestStep', () => {
  it('returns the nearest kept step, the earlier of two', () => {
    expect(nearestStep([0, 250, 500], 370)).toBe(250);
    expect(nearestStep([0, 250, 500], 375)).toBe(250);
    expect(nearestStep([0, 250, 500], 376)).toBe(500);
    expect(nearestStep([], 5)).toBeNull();
  });
});

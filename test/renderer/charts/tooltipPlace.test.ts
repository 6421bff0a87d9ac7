import { describe, expect, it } from 'vitest';
import { freestCorner } from '../../../renderer/models/charts/tooltipPlace.ts';

const area = { left: 0, top: 0, right: 400, bottom: 200 };
const size = { width: 150, height: 50 };
const sample = (height: (x: number) => number) =>
  Array.from({ length: 41 }, (_, index) => ({ x: 10 * index, y: height(10 * index) }));

describe('the tooltip of a chart', () => {
  it('is on the side without the pointer while no curve is there', () => {
    expect(freestCorner(area, size, { x: 50, y: 100 }, [])).toMatchObject({ x: 'right', y: 'top' });
    expect(freestCorner(area, size, { x: 350, y: 100 }, [])).toMatchObject({ x: 'left', y: 'top' });
  });

  it('evades curves that rise into the upper corner, and those that fall into the lower one', () => {
    const rising = sample((x) => 190 - 0.45 * x);
    expect(freestCorner(area, size, { x: 50, y: 20 }, [rising])).toMatchObject({ x: 'right', y: 'bottom' });
    const falling = sample((x) => 10 + 0.45 * x);
    expect(freestCorner(area, size, { x: 50, y: 20 }, [falling])).toMatchObject({ x: 'right', y: 'top' });
  });

  it('evades a line between two points outside of it', () => {
    const segment = [
      { x: 0, y: 20 },
      { x: 400, y: 30 },
    ];
    expect(freestCorner(area, size, { x: 50, y: 100 }, [segment]).y).toBe('bottom');
  });

  it('lies inside the chart', () => {
    const { box } = freestCorner(area, size, { x: 350, y: 100 }, [sample(() => 10)]);
    expect(box).toEqual({ left: 0, top: 150, right: 150, bottom: 200 });
  });
});

import { describe, expect, it } from 'vitest';
import { nearestPlace, pointPlaces } from '../../../renderer/models/compare/pointPlaces.ts';
import { chartSvg } from '../../../shared/charts/chartSvg.ts';
import { pairsChart } from '../../../shared/comparison/comparisonCharts.ts';

const look = { name: 'wide', colour: '#123456', dash: [] };
const size = { width: 400, height: 280 };

describe('pointPlaces', () => {
  const pairs = { values: [30, null, 20, 25], reference: [28, 20, 21, 22], referenceName: 'deep' };
  const chart = { ...pairsChart(pairs, 'PSNR, dB', look), isTitleHidden: true };
  const places = pointPlaces(chart, size);

  it('Points are at the positions of the drawn dots, from left to right, with their images', () => {
    expect(places.map(({ image }) => image)).toEqual([2, 3, 0]);
    const svg = chartSvg(chart, size);
    for (const { x, y } of places) expect(svg).toContain(`cx="${x}" cy="${y}"`);
  });

  it('The nearest dot is found, but only if it is close', () => {
    const [{ x, y }] = places;
    expect(nearestPlace(places, { x: x + 5, y: y - 5 })).toBe(0);
    expect(nearestPlace(places, { x: x + 20, y })).toBeNull();
    const close = [
      { image: 0, x: 10, y: 10 },
      { image: 1, x: 14, y: 10 },
    ];
    expect(nearestPlace(close, { x: 13, y: 10 })).toBe(1);
  });
});

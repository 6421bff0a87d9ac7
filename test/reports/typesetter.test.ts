import { describe, expect, it } from 'vitest';
import { createTypesetter } from '../../main/reports/typesetter.ts';

const typesetter = createTypesetter();
const style = { size: 16, weight: 'regular' } as const;

describe('createTypesetter', () => {
  it('measures widths that are proportional to the size and add up', () => {
    const width = typesetter.measure('22.79 dB', style);
    expect(typesetter.measure('22.79 dB', { ...style, size: 32 })).toBeCloseTo(2 * width, 9);
    expect(typesetter.measure('22.79', style) + typesetter.measure(' dB', style)).toBeCloseTo(width, 9);
    expect(typesetter.measure('', style)).toBe(0);
  });

  it('places the outline of a text by its anchor', () => {
    const firstX = (anchor: 'start' | 'middle' | 'end') =>
      Number(/^M(-?[\d.]+)/.exec(typesetter.outline('HH', { ...style, x: 100, y: 0, anchor }))?.[1]);
    const width = typesetter.measure('HH', style);
    expect(firstX('start') - firstX('end')).toBeCloseTo(width, 1);
    expect(firstX('start') - firstX('middle')).toBeCloseTo(width / 2, 1);
    expect(firstX('start')).toBeGreaterThan(100);
  });

  it('draws Greek and Cyrillic letters, and a question mark for missing glyphs', () => {
    const options = { ...style, x: 0, y: 0, anchor: 'start' } as const;
    const unknown = typesetter.outline('?', options);
    expect(typesetter.outline('σ', options)).not.toBe(unknown);
    expect(typesetter.outline('Ж', options)).not.toBe(unknown);
    expect(typesetter.outline('漢', options)).toBe(unknown);
  });

  it('wraps at spaces into few lines of similar length', () => {
    const text = 'flow · posterior mean (1 NFE)';
    const width = typesetter.measure('flow · posterior mean (1', style);
    expect(typesetter.wrap(text, { ...style, width })).toEqual(['flow · posterior', 'mean (1 NFE)']);
    expect(typesetter.wrap(text, { ...style, width: 1000 })).toEqual([text]);
    expect(typesetter.wrap('unbreakable word', { ...style, width: 5 })).toEqual(['unbreakable', 'word']);
  });
});

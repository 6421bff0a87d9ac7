import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignRunStyles, runPalette } from '../../shared/charts/runColours.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z2-7]{8}$/), { minLength: 1, maxLength: 20 });

/** WCAG 2.2: (L₁ + 0.05) / (L₂ + 0.05). */
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function luminance([red, green, blue]: number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const colourAlone = (id: string) => assignRunStyles([id]).get(id)?.light;

describe('the colours of runs', () => {
  it('depend on the ID of the run', () => {
    expect(new Set(['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map(colourAlone)).size).toBeGreaterThan(
      1,
    );
  });

  it('stay the same for the viewed run, regardless of the other runs in the chart', () => {
    fc.assert(
      fc.property(ids, (all) => {
        expect(assignRunStyles(all).get(all[0])?.light).toBe(colourAlone(all[0]));
      }),
    );
  });

  it('and dashes differ for all runs of a chart, where the viewed run has a solid line', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const styles = assignRunStyles(all);
        const looks = new Set([...styles.values()].map((style) => JSON.stringify(style)));
        expect(looks.size).toBe(all.length);
        expect(styles.get(all[0])?.dash).toEqual([]);
      }),
    );
  });

  it('are all different if there are no more runs than colours', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const few = all.slice(0, runPalette.length);
        const colours = [...assignRunStyles(few).values()].map(({ light }) => light);
        expect(new Set(colours).size).toBe(few.length);
      }),
    );
  });

  it.each(runPalette)(
    'have a contrast of at least 3 to 1 to the background: $light, $dark',
    ({ light, dark }) => {
      expect(contrast(light, '#ffffff')).toBeGreaterThanOrEqual(3);
      expect(contrast(dark, '#181d23')).toBeGreaterThanOrEqual(3);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartSvg, escapeXml } from '../../shared/charts/chartSvg.ts';
import { assignRunStyles, runPalette } from '../../shared/charts/runColours.ts';
import type { SvgChart, SvgMark } from '../../shared/charts/svgChart.ts';
import { logarithmicTicks, niceTicks, tickText } from '../../shared/charts/svgFrame.ts';

const line = (changes: Partial<Extract<SvgMark, { kind: 'line' }>>): SvgMark => ({
  kind: 'line',
  label: '',
  colour: '#0067a5',
  dash: [],
  points: [
    [0, 0],
    [10, 1],
  ],
  ...changes,
});

const chart = (marks: readonly SvgMark[], changes: Partial<SvgChart> = {}): SvgChart => ({
  title: 'Loss',
  x: { title: 'Step' },
  y: { title: 'Loss' },
  marks,
  ...changes,
});

describe('the ticks of a chart', () => {
  it('are round numbers inside the range, about as many as requested', () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(-0.3, 0.3, 3)).toEqual([-0.2, 0, 0.2]);
    expect(niceTicks(21.3, 24.9, 4)).toEqual([22, 23, 24]);
    expect(niceTicks(7, 7, 4)).toEqual([7]);
  });

  it('are powers of ten on a logarithmic axis, with numbers between them if there are few', () => {
    expect(logarithmicTicks(0.9, 1200)).toEqual([1, 10, 100, 1000]);
    expect(logarithmicTicks(1, 40)).toEqual([1, 2, 5, 10, 20]);
    expect(logarithmicTicks(0.0032, 0.0071)).toEqual([0.004, 0.005, 0.006, 0.007]);
    expect(logarithmicTicks(21.3, 24.9)).toEqual([22, 23, 24]);
  });

  it('are labelled without the rounding errors of binary fractions', () => {
    expect([0.1 + 0.2, -2, 2_000_000, 0].map(tickText)).toEqual(['0.3', '−2', '2e+6', '0']);
  });
});

describe('a chart as SVG', () => {
  it('draws a line from one end of the axis to the other, with some room above', () => {
    const svg = chartSvg(chart([line({})]), { width: 720, height: 360 });
    expect(svg).toContain('<path d="M68 314L700 44.8" fill="none" stroke="#0067a5"');
    expect(svg).toContain('<title>Loss</title>');
  });

  it('leaves room for whole dots at the ends of its axis, which a line without dots does not need', () => {
    const points = [
      [2, 0],
      [32, 1],
    ] as const;
    const x = { title: 'NFE', isLogarithmic: true };
    const svg = chartSvg(chart([line({ points, hasDots: true })], { x }), { width: 720, height: 360 });
    const centres = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(centres).toHaveLength(2);
    expect(centres[0] - 68).toBeGreaterThan(10);
    expect(700 - centres[1]).toBeCloseTo(centres[0] - 68, 0);
  });

  it('cuts off a line at the edge of a chosen range, and no other one', () => {
    const y = { title: 'Loss', range: [0, 0.5] } as const;
    const [all, cut] = [chart([line({})]), chart([line({})], { y })].map((drawn) => chartSvg(drawn));
    const windows = (svg: string) => [...svg.matchAll(/<svg x="\S+" y="(\S+)" width="\S+" height="(\S+)"/g)];
    expect(windows(all)).toHaveLength(1);
    const [[, top, height], [, edge, ofLine]] = windows(cut).map((found) => found.map(Number));
    // A dot has room beyond the edge, a line only for its own width.
    expect(edge - top).toBe(4);
    expect(height - ofLine).toBe(8);
  });

  it('leaves out points that an axis cannot show', () => {
    const points = [
      [0, 1],
      [1, 1],
      [10, Infinity],
      [100, 2],
    ] as const;
    const svg = chartSvg(chart([line({ points })], { x: { title: 'NFE', isLogarithmic: true } }));
    expect(svg.match(/d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+" fill="none" stroke="#0067a5"/)).not.toBeNull();
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('has a legend with the dashes of several lines, and one for a single line only on request', () => {
    const two = chartSvg(chart([line({ label: 'one' }), line({ label: 'two', dash: [6, 3] })]));
    expect(two).toContain('>one</text>');
    expect(two.match(/stroke-dasharray="6 3"/g)).toHaveLength(2);
    const single = [line({ label: 'one' })];
    expect(chartSvg(chart(single))).not.toContain('>one</text>');
    expect(chartSvg(chart(single, { hasLegend: true }))).toContain('>one</text>');
  });

  it('draws bars from zero, and intervals at their categories', () => {
    const bars = [
      { from: -1, to: 0, value: 2 },
      { from: 0, to: 1, value: 4 },
    ];
    const svg = chartSvg(chart([{ kind: 'bars', label: '', colour: '#123456', bars }]));
    expect(svg).toContain('<rect x="68" y="179.4" width="315" height="134.6"/>');
    expect(svg).toContain('<rect x="384" y="44.8" width="315" height="269.2"/>');
    const interval = { kind: 'interval', colour: '#abcdef', row: 1, low: -1, mean: 0, high: 1 } as const;
    const rows = chartSvg(chart([interval], { y: { title: '', categories: ['first', 'second'] } }));
    expect(rows).toContain('>second</text>');
    expect(rows).toContain('fill="#abcdef"');
  });

  it('escapes markup and control characters in names', () => {
    const name = '<script>alert("1")</script>\u0000&\u0007';
    const svg = chartSvg(chart([line({ label: name }), line({ label: 'b' })], { title: name }));
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
    expect(escapeXml('a\u0000b\uD800')).toBe('ab');
  });

  it('is valid without any data', () => {
    expect(chartSvg(chart([]))).not.toMatch(/NaN|Infinity/);
  });
});

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

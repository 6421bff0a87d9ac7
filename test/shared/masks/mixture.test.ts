import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { countKnown, knownPixels } from '../../../shared/images/mask.ts';
import {
  countKnownPixels,
  defaultMixture,
  drawMask,
  evaluationLaw,
  nominalKeepRatio,
  usedOptions,
  usesKeepRatio,
} from '../../../shared/masks/laws.ts';
import { bayerPhases } from '../../../shared/masks/bayer.ts';
import {
  chooseLaw,
  formatMixture,
  mixedLaws,
  type MixturePart,
  parseMixture,
} from '../../../shared/masks/mixture.ts';
import { traitsOfSingleLaw } from '../../../shared/masks/singleLaws.ts';

/** A range of up to two decimals. */
const range = (lowest: number, highest: number, unit: number) =>
  fc
    .tuple(fc.integer({ min: lowest, max: highest }), fc.integer({ min: lowest, max: highest }))
    .map(([one, other]) => ({ low: Math.min(one, other) / unit, high: Math.max(one, other) / unit }));

const part: fc.Arbitrary<MixturePart> = fc
  .record({
    law: fc.constantFrom(...mixedLaws),
    weight: fc.constantFrom(1, 2, 0.25, 1e-7, 30),
    keep: fc.option(range(5, 60, 100)),
    size: fc.option(range(1, 50, 100)),
    blocks: fc.option(range(1, 64, 1)),
    phase: fc.option(fc.constantFrom(...bayerPhases)),
  })
  .map(({ law, weight, keep, size, blocks, phase }) => {
    const { options } = traitsOfSingleLaw(law);
    if (options.includes('phase')) return { law, weight, ...(phase && { phase }) };
    return {
      law,
      weight,
      ...(keep && { keep }),
      ...(size && options.includes('markSize') && { size }),
      ...(blocks && options.includes('blocks') && { blocks }),
    };
  });
const parts = fc.array(part, { minLength: 1, maxLength: 6 });

const square = { width: 40, height: 40 };

describe('the text of a mixture', () => {
  it('gives the mixture that it was written from', () => {
    fc.assert(
      fc.property(parts, (mixture) => {
        expect(parseMixture(formatMixture(mixture))).toEqual(mixture);
      }),
    );
  });

  it('is stored the same for the same mixture, however it is typed', () => {
    const stored = (mixture: string) => runConfigSchema.parse({ mask: { mixture } }).mask.mixture;
    expect(stored(' strokes 2.0  keep=.70..0.950,text 1 keep=0.8..0.8 ,uniform ')).toBe(
      'strokes 2 keep=0.7..0.95, text keep=0.8, uniform',
    );
    expect(stored(defaultMixture)).toBe(defaultMixture);
  });

  it.each([
    ['', '"" in a mixture: a law is missing. Expected parts such as'],
    ['strokes,', 'a law is missing'],
    [
      'numpy',
      'no law "numpy". Expected parts such as "strokes 2 keep=0.7..0.95", separated by commas, of the laws uniform,',
    ],
    ['mixture', 'no law "mixture"'],
    [
      'text 0',
      '"text 0" in a mixture: the weight is "0". Expected a number above 0 after the law, such as "text 2".',
    ],
    ['text two', 'the weight is "two"'],
    ['text size=0.1 2', 'text has no option "2". Expected keep=0.7..0.95 or size=0.02..0.1.'],
    ['uniform size=0.1', 'uniform has no option "size=0.1". Expected keep=0.7..0.95.'],
    ['block blocks=1.5', 'blocks is "1.5". Expected a whole number above 0 and up to 64, or a range'],
    ['block keep=0.9..0.7', 'keep is "0.9..0.7". Expected a number above 0 and up to 1, or a range'],
    ['block keep=1..2', 'keep is "1..2"'],
    ['block keep=', 'keep is ""'],
    ['block keep=0.5=0.6', 'keep is "0.5=0.6"'],
    ['block keep=0.1..0.2..0.3', 'keep is "0.1..0.2..0.3"'],
    ['block keep=0.5 keep=0.6', 'keep is given twice'],
    [Array(33).fill('grid').join(), 'A mixture of 33 laws: expected at most 32.'],
  ])('%j is refused with what was found and what was expected', (text, message) => {
    expect(() => parseMixture(text)).toThrow(message);
  });
});

describe('a mask of a mixture', () => {
  it('is the mask of one of its laws, with options from the ranges of that law', () => {
    fc.assert(
      fc.property(parts, fc.nat(1e6), fc.nat(2e6), (mixture, seed, index) => {
        const text = formatMixture(mixture);
        const place = { seed, index, ...square };
        const mask = drawMask({ law: 'mixture', mixture: text, keepRatio: 0.3, ...place });
        const chosen = chooseLaw(mixture, { seed, index, keepRatio: 0.3 });
        const { law, keepRatio, markSize, blocks, phase } = chosen;
        expect(mask).toEqual(drawMask({ ...chosen, ...place }));
        const isInside = (value: number | null, limits: MixturePart['keep'], otherwise: number | null) =>
          limits ? value !== null && value >= limits.low && value <= limits.high : value === otherwise;
        const fits = mixture.some(
          (each) =>
            each.law === law &&
            isInside(keepRatio, each.keep, 0.3) &&
            isInside(markSize, each.size, null) &&
            isInside(blocks, each.blocks, 1) &&
            phase === (each.phase ?? 'RGGB'),
        );
        expect(fits).toBe(true);
        const { smallest, largest } = countKnownPixels(
          { law: 'mixture', mixture: text, keepRatio: 0.3 },
          square,
        );
        // A single block is met to a row or column only.
        const slack = mixture.some((each) => each.law === 'block') ? square.width : 0;
        const known = countKnown({ bits: knownPixels(mask) });
        expect(known).toBeGreaterThanOrEqual(smallest - slack);
        expect(known).toBeLessThanOrEqual(largest + slack);
      }),
      { numRuns: 60 },
    );
  });

  it('has each law as often as its weight says, with fractions from its whole range', () => {
    const mixture = parseMixture('strokes 3 keep=0.5..0.9, text, uniform 4 keep=0.05..0.5');
    const masks = Array.from({ length: 400 }, (_, index) =>
      chooseLaw(mixture, { seed: 5, index, keepRatio: 0.2 }),
    );
    const of = (law: string) => masks.filter((mask) => mask.law === law);
    for (const [law, count] of [
      ['strokes', 150],
      ['text', 50],
      ['uniform', 200],
    ] as const)
      expect(Math.abs(of(law).length - count)).toBeLessThanOrEqual(3);
    const bins = [0, 0, 0, 0, 0];
    of('strokes').forEach(({ keepRatio }) => bins[Math.floor((keepRatio - 0.5) / 0.08)]++);
    bins.forEach((count) => expect(Math.abs(count - 30)).toBeLessThanOrEqual(5));
    expect(new Set(of('text').map(({ keepRatio }) => keepRatio))).toEqual(new Set([0.2]));
  });

  it('depends on the seed', () => {
    const laws = [1, 2].map((seed) =>
      Array.from({ length: 8 }, (_, index) => {
        return chooseLaw(parseMixture(defaultMixture), { seed, index, keepRatio: 0.2 }).law;
      }),
    );
    expect(laws[0]).not.toEqual(laws[1]);
  });

  it('is the mask that it has always been', () => {
    const hash = createHash('sha256');
    const mixture = `${defaultMixture}, block 2 blocks=2..5, strokes size=0.02..0.2, lines, border keep=0.5`;
    for (let index = 0; index < 24; index++)
      hash.update(
        drawMask({ law: 'mixture', mixture, keepRatio: 0.6, seed: 42, index, width: 50, height: 37 }).bits,
      );
    expect(hash.digest('hex').slice(0, 16)).toBe('932c429a08a7667a');
  });
});

describe('a law of a mixture', () => {
  const own = { law: 'mixture', mixture: 'text keep=0.8, uniform 3 keep=0.2..0.6' } as const;
  const shared = { law: 'mixture', mixture: 'text, uniform keep=0.2' } as const;

  it('takes the fraction of the settings only without one of its own', () => {
    expect([usesKeepRatio(own), usesKeepRatio(shared), usesKeepRatio({ law: 'text' })]).toEqual([
      false,
      true,
      true,
    ]);
    const drawn = [0.1, 0.7].map((keepRatio) => drawMask({ ...own, keepRatio, seed: 1, ...square }));
    expect(drawn[0]).toEqual(drawn[1]);
  });

  it('counts by its weight in the expected fraction, which is the mean over many masks', () => {
    expect(nominalKeepRatio({ ...own, keepRatio: 0.1 })).toBe(0.5);
    expect(nominalKeepRatio({ ...shared, keepRatio: 0.1 })).toBe(0.1);
    const counts = Array.from({ length: 200 }, (_, index) =>
      countKnown(drawMask({ ...own, keepRatio: 0.1, seed: 3, index, ...square })),
    );
    const mean = counts.reduce((sum, count) => sum + count, 0) / (200 * 1600);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
  });

  it('is stored with every evaluation, also where the mixture is the default', () => {
    expect(usedOptions({ law: 'mixture', markSize: 0.1, blocks: 2 })).toEqual({ mixture: defaultMixture });
    expect(evaluationLaw({ ...own, blocks: 2 })).toEqual(own);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell } from '../../../shared/text/escapeText.ts';
import {
  formatBytes,
  formatCount,
  formatDecibels,
  formatDuration,
  formatPercent,
  formatRate,
  formatSignificant,
} from '../../../shared/text/format.ts';
import { anyNumber } from '../../../shared/numbers/anyNumber.ts';
import {
  csvNumber,
  encodeNumber,
  formatFixed,
  parseMessage,
  signed,
  stringifyJson,
  stringifyMessage,
} from '../../../shared/numbers/nonFinite.ts';
import { beginning, formatProgress, parseProgress } from '../../../shared/trainingProgress.ts';

/** Any number except −0, which JSON does not have. */
const number = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, NaN)).map((value) => value + 0);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('Infinity', '-Infinity', 'NaN', '~Infinity', '~~NaN', 'null', '~', 'Infinity dB'),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number,
    text,
    fc.constant(null),
    fc.boolean(),
    fc.array(tie('value')),
    fc.dictionary(text, tie('value'), { noNullPrototype: true }),
  ),
}));

describe('numbers that are not finite', () => {
  it('are unchanged after a round trip through JSON, where they are never null', () => {
    fc.assert(
      fc.property(fc.array(fc.option(number)), (values) => {
        const json = stringifyJson(values);
        expect(anyNumber.nullable().array().parse(JSON.parse(json))).toEqual(values);
      }),
    );
    expect(stringifyJson({ a: Infinity, b: [NaN, null, -Infinity] })).toBe(
      '{"a":"Infinity","b":["NaN",null,"-Infinity"]}',
    );
    expect(stringifyJson({ a: NaN, b: null }, 2)).toBe('{\n  "a": "NaN",\n  "b": null\n}');
  });

  it('are unchanged after a round trip through a message, as is every text that looks like one', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(parseMessage(stringifyMessage({ value }))).toEqual({ value });
      }),
    );
  });

  it('are parsed from numbers and from their names in JSON, and from nothing else', () => {
    expect([Infinity, 'NaN', '-Infinity', 1.5].map((value) => anyNumber.parse(value))).toEqual([
      Infinity,
      NaN,
      -Infinity,
      1.5,
    ]);
    for (const value of ['1', 'inf', '', null, undefined, {}, 'toString'])
      expect(anyNumber.safeParse(value).success).toBe(false);
    expect(encodeNumber(2)).toBe(2);
  });

  it('are written in CSV as Python reads them', () => {
    const cells = [Infinity, -Infinity, NaN, -0, 1e-7, null, undefined].map((value) =>
      csvCell(csvNumber(value)),
    );
    expect(cells).toEqual(['inf', '-inf', 'nan', '0', '1e-7', '', '']);
  });

  it('are displayed as symbols, and finite numbers neither as -0.00 nor in many digits', () => {
    expect([Infinity, -Infinity, NaN, null, -0.001, -0.5].map((value) => formatFixed(value, 2))).toEqual([
      '∞',
      '−∞',
      'NaN',
      '–',
      '0.00',
      '-0.50',
    ]);
    expect(formatFixed(1e21, 2)).toBe('1.00e+21');
    expect([Infinity, -Infinity, -0].map((value) => signed(value))).toEqual(['+∞', '−∞', '0.00']);
    fc.assert(fc.property(number, (value) => !/^-0\.?0*$/.test(formatFixed(value, 3))));
  });

  it('are never displayed as "Infinity" or "undefined"', () => {
    const formats = [formatDecibels, formatDuration, formatCount, formatBytes, formatRate, formatPercent];
    for (const format of [...formats, formatSignificant])
      for (const value of [Infinity, -Infinity, NaN]) expect(format(value)).not.toMatch(/Infinity|undefined/);
    expect([formatDecibels(Infinity), formatRate(Infinity), formatSignificant(-Infinity)]).toEqual([
      'exact',
      '–',
      '−∞',
    ]);
  });
});

describe('the progress in a checkpoint', () => {
  it('is unchanged after a round trip, even if the best evaluation was exact and the loss is NaN', () => {
    const score = fc.record({
      psnr: fc.oneof(fc.double({ min: 1, max: 90, noNaN: true }), fc.constant(Infinity)),
      mse: fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)),
      nearlyExact: fc.option(fc.nat()),
    });
    const progress = fc.record({ processSeconds: fc.nat(), loss: fc.option(number), best: fc.option(score) });
    fc.assert(
      fc.property(progress, (value) => {
        expect(parseProgress(formatProgress(value))).toEqual(value);
      }),
    );
    expect(parseProgress(formatProgress(beginning)).best).toBeNull();
  });

  it('has a best evaluation without a mean squared error if an older version wrote it', () => {
    const old = '{"processSeconds":3,"loss":0.1,"bestPsnr":24.5}';
    expect(parseProgress(old).best).toEqual({ psnr: 24.5, mse: null, nearlyExact: null });
    expect(parseProgress('{"processSeconds":3,"loss":null,"bestPsnr":null}').best).toBeNull();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNumber, parseNumber } from '../../../renderer/models/forms/numberText.ts';

describe('numbers as text', () => {
  it('every finite number reads back from its text as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(formatNumber(value))).toEqual({ ok: true, value: value + 0 });
      }),
      { numRuns: 2000 },
    );
  });

  it('scientific notation of any finite number reads as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(` ${value.toExponential()} `)).toEqual({ ok: true, value: value + 0 });
      }),
    );
  });

  it('any text is either read as a finite number or answered with a sentence', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseNumber(text);
        if (read.ok) expect(Number.isFinite(read.value)).toBe(true);
        else expect(read.problem).toMatch(/\.$/);
      }),
    );
  });

  it.each([
    ['1e-4', 0.0001],
    ['1E-4', 0.0001],
    ['.5', 0.5],
    ['5.', 5],
    ['+3', 3],
    ['−3', -3],
    ['10 000', 10_000],
    ['1 000 000', 1_000_000],
    [' 42 ', 42],
    ['0e9', 0],
    ['-0', 0],
  ])('“%s” is %d', (text, value) => {
    expect(parseNumber(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'A number is needed'],
    ['0,001', 'write 0.001 with a point'],
    ['1 00', 'not a number'],
    ['1 2', 'not a number'],
    ['0x10', 'not a number'],
    ['Infinity', 'not a number'],
    ['1e', 'not a number'],
    ['.', 'not a number'],
    ['1e999', 'too large'],
    ['1e-999', 'too close to zero'],
  ])('“%s” is no number: %s', (text, words) => {
    const read = parseNumber(text);
    expect(read.ok ? null : read.problem).toContain(words);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNumber, parseNumber } from '../../../renderer/models/forms/numberText.ts';

describe('parseNumber', () => {
  it('parses the formatted text of any finite number to that number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(formatNumber(value))).toEqual({ ok: true, value: value + 0 });
      }),
      { numRuns: 2000 },
    );
  });

  it('parses the scientific notation of any finite number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(` ${value.toExponential()} `)).toEqual({ ok: true, value: value + 0 });
      }),
    );
  });

  it('returns a finite number or a sentence for any text', () => {
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
  ])('parses “%s” to %d', (text, value) => {
    expect(parseNumber(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 'Enter a number'],
    ['0,001', 'decimal point (0.001)'],
    ['1 00', 'not a number'],
    ['1 2', 'not a number'],
    ['0x10', 'not a number'],
    ['Infinity', 'not a number'],
    ['1e', 'not a number'],
    ['.', 'not a number'],
    ['1e999', 'too large'],
    ['1e-999', 'too close to zero'],
  ])('rejects “%s”: %s', (text, reason) => {
    const read = parseNumber(text);
    expect(read.ok ? null : read.problem).toContain(reason);
  });
});

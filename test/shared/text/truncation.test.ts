import { describe, expect, it } from 'vitest';
import { bundleFileName, cutToBytes, utf8Length } from '../../../shared/runBundle.ts';
import {
  displayWidth,
  padColumnsEnd,
  padColumnsStart,
  truncateEnd,
  truncateMiddle,
} from '../../../shared/text/terminalText.ts';

describe('the width of text in a terminal', () => {
  it('is one column for a letter, two for a wide character or an emoji, and none for a combining mark', () => {
    const widths = { abc: 3, é: 1, 'e\u0301': 1, 猫: 2, ｱ: 1, ア: 2, 한: 2, '\u1112\u1161\u11ab': 2, '…': 1 };
    const emoji = { '🐈': 2, '👩‍👩‍👧‍👦': 2, '🇯🇵': 2, '🫠': 2, '👍🏽': 2 };
    for (const [text, width] of Object.entries({ ...widths, ...emoji, '': 0 })) {
      expect(`${text} ${displayWidth(text)}`).toBe(`${text} ${width}`);
    }
  });
});

describe('text truncated to a width', () => {
  it('is unchanged if it fits', () => {
    expect(truncateEnd('猫猫', 4)).toBe('猫猫');
    expect(truncateMiddle('猫猫', 4)).toBe('猫猫');
  });

  it('is never cut inside a character of several code units', () => {
    expect(truncateEnd('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦…');
    expect(truncateEnd('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 2)).toBe('…');
    expect(truncateMiddle('e\u0301e\u0301e\u0301e\u0301', 3)).toBe('e\u0301…e\u0301');
  });

  it('is never wider than requested', () => {
    const text = 'a猫🐈b한국🇯🇵c';
    for (let width = 0; width < 16; width += 1) {
      expect(displayWidth(truncateEnd(text, width))).toBeLessThanOrEqual(width);
      expect(displayWidth(truncateMiddle(text, width))).toBeLessThanOrEqual(width);
    }
  });

  it('is padded with spaces to the width', () => {
    expect([padColumnsEnd('猫', 4), padColumnsStart('猫', 4), padColumnsEnd('long', 2)]).toEqual([
      '猫  ',
      '  猫',
      'long',
    ]);
  });
});

describe('names of files', () => {
  it('are measured in bytes of UTF-8', () => {
    for (const text of ['abc', 'é', '験', '😀', 'e\u0301 猫👩‍👩‍👧'])
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  });

  it('are cut only between visible characters', () => {
    expect(cutToBytes('abc', 3)).toBe('abc');
    expect(cutToBytes('験験験', 8)).toBe('験験');
    expect(cutToBytes('ae\u0301', 2)).toBe('a');
    expect(cutToBytes('x👩‍👩‍👧', 10)).toBe('x');
  });

  it.each(['験'.repeat(120), '𠮷'.repeat(120), 'x'.repeat(120), '👩‍👩‍👧'.repeat(20), 'e\u0301'.repeat(60)])(
    'have at most 255 bytes for the run name %s',
    (name) => {
      const file = bundleFileName(name);
      expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
      expect(file.isWellFormed()).toBe(true);
    },
  );

  it('keep the accents of a run name', () => {
    expect(bundleFileName('cafe\u0301')).toBe('café.sparsefield');
  });
});

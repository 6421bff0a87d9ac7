import { describe, expect, it } from 'vitest';
import {
  displayWidth,
  padColumnsEnd,
  padColumnsStart,
  truncateEnd,
  truncateMiddle,
} from '../../shared/text/terminalText.ts';

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

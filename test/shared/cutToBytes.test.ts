import { describe, expect, it } from 'vitest';
import { cutToBytes, utf8Length, bundleFileName } from '../../shared/runBundle.ts';

describe('a name', () => {
  it('is measured in bytes of UTF-8', () => {
    for (const text of ['abc', 'é', '験', '😀', 'e\u0301 猫👩‍👩‍👧'])
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  });

  it('is cut between visible characters only', () => {
    expect(cutToBytes('abc', 3)).toBe('abc');
    expect(cutToBytes('験験験', 8)).toBe('験験');
    expect(cutToBytes('ae\u0301', 2)).toBe('a');
    expect(cutToBytes('x👩‍👩‍👧', 10)).toBe('x');
  });

  it.each(['験'.repeat(120), '𠮷'.repeat(120), 'x'.repeat(120), '👩‍👩‍👧'.repeat(20), 'e\u0301'.repeat(60)])(
    'of a run gives a file name that every file system takes: %s',
    (name) => {
      const file = bundleFileName(name);
      expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
      expect(file.isWellFormed()).toBe(true);
    },
  );

  it('of a run keeps its accents in the file name', () => {
    expect(bundleFileName('cafe\u0301')).toBe('café.sparsefield');
  });
});

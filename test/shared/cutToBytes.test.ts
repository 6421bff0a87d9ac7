import { describe, expect, it } from 'vitest';
import { cutToBytes, utf8Length, bundleFileName } from '../../shared/runBundle.ts';

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

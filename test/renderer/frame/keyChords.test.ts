import { describe, expect, it } from 'vitest';
import {
  hasModifier,
  isEditingChord,
  keyCaps,
  matchesChord,
  type PressedKey,
} from '../../../renderer/models/frame/keyChords.ts';

function press(key: string, held: Partial<PressedKey> = {}): PressedKey {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held };
}

describe('key chords', () => {
  it('Mod matches Control and Command', () => {
    expect(matchesChord('Mod+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k', { metaKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k'))).toBe(false);
    expect(matchesChord('K', press('k', { ctrlKey: true }))).toBe(false);
  });

  it('Letters and named keys need Shift exactly if the chord contains it', () => {
    expect(matchesChord('Mod+Shift+E', press('E', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod+Shift+E', press('e', { ctrlKey: true }))).toBe(false);
    expect(matchesChord('E', press('E', { shiftKey: true }))).toBe(false);
    expect(matchesChord('Shift+ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(true);
    expect(matchesChord('ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(false);
  });

  it('Shift is ignored for punctuation, because keyboards differ', () => {
    expect(matchesChord('?', press('?', { shiftKey: true }))).toBe(true);
    expect(matchesChord('/', press('/', { shiftKey: true }))).toBe(true);
    expect(matchesChord('1', press('1'))).toBe(true);
  });

  it('Plus, comma and the space bar can be part of a chord', () => {
    expect(matchesChord('+', press('+', { shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod++', press('+', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+,', press(',', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Space', press(' '))).toBe(true);
  });

  it('A key with Alt matches only a chord with Alt', () => {
    expect(matchesChord('N', press('n', { altKey: true }))).toBe(false);
    expect(matchesChord('Alt+N', press('n', { altKey: true }))).toBe(true);
  });

  it('Editing chords belong to text fields', () => {
    const own = ['Mod+A', 'Mod+C', 'Mod+V', 'Mod+X', 'Mod+Z', 'Mod+Shift+Z', 'Mod+ArrowLeft'];
    expect(own.filter(isEditingChord)).toEqual(own);
    expect(['Mod+K', 'Mod+N', 'Mod+Enter', 'Mod+Shift+E', 'A'].filter(isEditingChord)).toEqual([]);
    expect(['Mod+K', 'K', '?'].map(hasModifier)).toEqual([true, false, false]);
  });

  it('Key caps follow the platform', () => {
    expect(keyCaps('Mod+Shift+E', false)).toEqual(['Ctrl', 'Shift', 'E']);
    expect(keyCaps('Mod+Shift+E', true)).toEqual(['⇧', '⌘', 'E']);
    expect(['Delete', 'ArrowLeft', 'Space', '+', 'Mod+,'].map((chord) => keyCaps(chord, false))).toEqual([
      ['Del'],
      ['←'],
      ['Space'],
      ['+'],
      ['Ctrl', ','],
    ]);
  });
});

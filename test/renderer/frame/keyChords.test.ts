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

describe('a chord', () => {
  it('takes control and the command key for Mod', () => {
    expect(matchesChord('Mod+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k', { metaKey: true }))).toBe(true);
    expect(matchesChord('Mod+K', press('k'))).toBe(false);
    expect(matchesChord('K', press('k', { ctrlKey: true }))).toBe(false);
  });

  it('needs shift exactly where it names it, for letters and named keys', () => {
    expect(matchesChord('Mod+Shift+E', press('E', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod+Shift+E', press('e', { ctrlKey: true }))).toBe(false);
    expect(matchesChord('E', press('E', { shiftKey: true }))).toBe(false);
    expect(matchesChord('Shift+ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(true);
    expect(matchesChord('ArrowLeft', press('ArrowLeft', { shiftKey: true }))).toBe(false);
  });

  it('of a sign does not regard shift: keyboards differ in where they have it', () => {
    expect(matchesChord('?', press('?', { shiftKey: true }))).toBe(true);
    expect(matchesChord('/', press('/', { shiftKey: true }))).toBe(true);
    expect(matchesChord('1', press('1'))).toBe(true);
  });

  it('can be a plus, a comma or the space bar', () => {
    expect(matchesChord('+', press('+', { shiftKey: true }))).toBe(true);
    expect(matchesChord('Mod++', press('+', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Mod+,', press(',', { ctrlKey: true }))).toBe(true);
    expect(matchesChord('Space', press(' '))).toBe(true);
  });

  it('never takes a key with Alt that it does not name', () => {
    expect(matchesChord('N', press('n', { altKey: true }))).toBe(false);
    expect(matchesChord('Alt+N', press('n', { altKey: true }))).toBe(true);
  });

  it('belongs to text fields where they edit with it', () => {
    const own = ['Mod+A', 'Mod+C', 'Mod+V', 'Mod+X', 'Mod+Z', 'Mod+Shift+Z', 'Mod+ArrowLeft'];
    expect(own.filter(isEditingChord)).toEqual(own);
    expect(['Mod+K', 'Mod+N', 'Mod+Enter', 'Mod+Shift+E', 'A'].filter(isEditingChord)).toEqual([]);
    expect(['Mod+K', 'K', '?'].map(hasModifier)).toEqual([true, false, false]);
  });

  it('is shown with the caps of the keyboard at hand', () => {
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

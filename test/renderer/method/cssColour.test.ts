import { expect, it } from 'vitest';
import { hexOf, readColour, writeColour } from '../../../renderer/models/method/cssColour.ts';

it('colours are read from and written as CSS, and values outside [0, 1] are clamped', () => {
  expect(readColour('#ff0080')).toEqual([1, 0, 128 / 255]);
  expect(hexOf(readColour('#0a8a3d'))).toBe('#0a8a3d');
  expect(writeColour([1.4, -2, 0.5])).toBe('rgb(255 0 128)');
});

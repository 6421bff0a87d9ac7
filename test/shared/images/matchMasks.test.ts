import { describe, expect, it } from 'vitest';
import { findMaskNames } from '../../../shared/images/matchMasks.ts';

describe('the mask of an image in a folder of masks', () => {
  it('has its name, with any extension, or its name with the word mask', () => {
    const others = ['photos.png', 'photo2.png', 'photo_masked.png', 'unmask_photo.png', 'mask.png', '.png'];
    const fitting = ['photo.jpg', 'photo.jpg.png', 'photo.png', 'photo_mask.png'];
    for (const [index, mask] of fitting.entries()) {
      expect(findMaskNames('photo.jpg', [...others, ...fitting.slice(index).toReversed()])).toEqual([mask]);
    }
    for (const mask of [
      'photo-masks.png',
      'photo.mask.png',
      'Mask_photo.png',
      'masks photo.webp',
      'PHOTO.jpg_mask.png',
    ])
      expect(findMaskNames('photo.jpg', [...others, mask])).toEqual([mask]);
    expect(findMaskNames('photo.jpg', others)).toEqual([]);
  });

  it('is found whatever the case and composition of its letters', () => {
    expect(findMaskNames('CAF\u00c9.JPG', ['cafe\u0301.png'])).toEqual(['cafe\u0301.png']);
  });

  it('is ambiguous if two fit equally well', () => {
    expect(findMaskNames('photo.jpg', ['photo.webp', 'other.png', 'photo.png'])).toEqual([
      'photo.webp',
      'photo.png',
    ]);
  });
});

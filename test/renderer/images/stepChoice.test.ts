import { describe, expect, it, vi } from 'vitest';
import { imageFromPixels } from '../../../renderer/models/images/rasterImage.ts';
import { createImageCache } from '../../../renderer/models/images/imageCache.ts';
import { chooseStep, moveStep, shownStep } from '../../../renderer/models/images/stepChoice.ts';

const steps = [0, 250, 500, 750];

describe('the step slider', () => {
  it('follows the newest step until the reader chooses one', () => {
    expect(shownStep(steps, { chosen: null })).toBe(750);
    const chosen = chooseStep(steps, 250);
    expect(shownStep([...steps, 1000], chosen)).toBe(250);
  });

  it('follows again when it is brought back to the newest', () => {
    const back = moveStep(steps, chooseStep(steps, 250), 10);
    expect(shownStep([...steps, 1000], back)).toBe(1000);
  });

  it('moves by places and stays within the steps there are', () => {
    expect(shownStep(steps, moveStep(steps, { chosen: null }, -1))).toBe(500);
    expect(shownStep(steps, moveStep(steps, { chosen: 250 }, -5))).toBe(0);
  });

  it('shows nothing before the first preview, and the one before a chosen step that is gone', () => {
    expect(shownStep([], { chosen: 3 })).toBeNull();
    expect(shownStep([0, 250], { chosen: 700 })).toBe(250);
  });
});

describe('the cache of images', () => {
  const image = imageFromPixels({ width: 1, height: 1 }, new Uint8ClampedArray(4));

  it('fetches each image once and forgets the least recently used', async () => {
    const fetchOne = vi.fn(() => Promise.resolve(image));
    const cache = createImageCache(fetchOne, 2);
    await Promise.all([cache.load('a'), cache.load('a'), cache.load('b')]);
    await cache.load('a');
    await cache.load('c');
    expect(fetchOne).toHaveBeenCalledTimes(3);
    expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([image, undefined, image]);
  });

  it('tries a image again that could not be had', async () => {
    const fetchOne = vi.fn(() => Promise.resolve(image)).mockRejectedValueOnce(new Error('gone'));
    const cache = createImageCache(fetchOne, 2);
    await expect(cache.load('a')).rejects.toThrow('gone');
    expect(await cache.load('a')).toBe(image);
  });
});

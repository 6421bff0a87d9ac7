import { describe, expect, it, vi } from 'vitest';
import { createImageCache, imageFromPixels } from '../../../renderer/models/images/rasterImage.ts';
import {
  chooseStep,
  moveStep,
  shownStep,
  describeTime,
} from '../../../renderer/models/images/inspectorChoices.ts';

const steps = [0, 250, 500, 750];

describe('the chosen step', () => {
  it('is the newest one until the user chooses another', () => {
    expect(shownStep(steps, { chosen: null })).toBe(750);
    const chosen = chooseStep(steps, 250);
    expect(shownStep([...steps, 1000], chosen)).toBe(250);
  });

  it('follows the newest again after the user moves back to it', () => {
    const back = moveStep(steps, chooseStep(steps, 250), 10);
    expect(shownStep([...steps, 1000], back)).toBe(1000);
  });

  it('moves by positions in the list and stops at its ends', () => {
    expect(shownStep(steps, moveStep(steps, { chosen: null }, -1))).toBe(500);
    expect(shownStep(steps, moveStep(steps, { chosen: 250 }, -5))).toBe(0);
  });

  it('is null without steps, and the previous one if the chosen step no longer exists', () => {
    expect(shownStep([], { chosen: 3 })).toBeNull();
    expect(shownStep([0, 250], { chosen: 700 })).toBe(250);
  });
});

describe('the image cache', () => {
  const image = imageFromPixels({ width: 1, height: 1 }, new Uint8ClampedArray(4));

  it('loads each image once and drops the least recently used', async () => {
    const fetchOne = vi.fn(() => Promise.resolve(image));
    const cache = createImageCache(fetchOne, 2);
    await Promise.all([cache.load('a'), cache.load('a'), cache.load('b')]);
    await cache.load('a');
    await cache.load('c');
    expect(fetchOne).toHaveBeenCalledTimes(3);
    await Promise.all([cache.load('a'), cache.load('c')]);
    expect(fetchOne).toHaveBeenCalledTimes(3);
    await cache.load('b');
    expect(fetchOne).toHaveBeenCalledTimes(4);
  });

  it('retries to load an image that failed', async () => {
    const fetchOne = vi.fn(() => Promise.resolve(image)).mockRejectedValueOnce(new Error('gone'));
    const cache = createImageCache(fetchOne, 2);
    await expect(cache.load('a')).rejects.toThrow('gone');
    expect(await cache.load('a')).toBe(image);
  });
});

describe('the time of a state', () => {
  it('has two decimals, and four if it would look like the start or the end', () => {
    expect([0, 0.0031, 0.25, 0.4, 0.998, 1].map((time) => describeTime(time))).toEqual([
      't = 0.00',
      't = 0.0031',
      't = 0.25',
      't = 0.40',
      't = 0.9980',
      't = 1.00',
    ]);
  });

  it('has four decimals if two times would look the same', () => {
    const times = [0, 0.5, 0.8, 0.8038, 1];
    expect(times.map((time) => describeTime(time, times))).toEqual([
      't = 0.00',
      't = 0.50',
      't = 0.8000',
      't = 0.8038',
      't = 1.00',
    ]);
  });
});

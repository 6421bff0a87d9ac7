import { describe, expect, it } from 'vitest';
import {
  describeStart,
  readImageNumbers,
  readSampleCount,
  writeImageNumbers,
} from '../../../renderer/models/method/studyForm.ts';

describe('the numbers of test images', () => {
  it('are counted from 1, with ranges, each once', () => {
    expect(readImageNumbers(' 1-4, 17 3', 1000)).toEqual({ value: [0, 1, 2, 3, 16] });
    expect(readImageNumbers('999–1000', 1000)).toEqual({ value: [998, 999] });
    expect(readImageNumbers('5000', null)).toEqual({ value: [4999] });
  });

  it.each([
    ['', 'Enter numbers of test images'],
    ['1, cat', '“cat” is not a number of an image'],
    ['-3', '“-3” is not a number'],
    ['4-2', 'Enter 2-4 instead'],
    ['0', 'Enter numbers from 1 to 1000'],
    ['990-1001', 'There is no image 1001: the dataset has 1000 test images'],
    ['1-9', 'at most 8'],
    ['1-900000000', 'There is no image 900 000 000'],
  ])('are refused with the reason: “%s”', (text, problem) => {
    const found = readImageNumbers(text, 1000).problem?.replace(/\s/g, ' ');
    expect(found).toContain(problem);
  });

  it('are written as they are read', () => {
    for (const indices of [[0], [0, 1, 2, 3], [4, 16, 17]])
      expect(readImageNumbers(writeImageNumbers(indices), null)).toEqual({ value: indices });
    expect(writeImageNumbers([16, 0, 1, 2, 3, 3])).toBe('1-4, 17');
  });
});

it('the number of samples is a whole number from 2 to 32', () => {
  expect(readSampleCount(' 8 ')).toEqual({ value: 8 });
  for (const text of ['', '1', '33', '2.5', 'many'])
    expect(readSampleCount(text).problem).toContain('from 2 to 32');
});

describe('what the figures of a run wait for', () => {
  it.each([
    ['running', null, /has none yet\. It writes its first one while it trains/],
    ['paused', null, /has none yet\. Resume it/],
    ['diverged', null, /has none yet\. Start it again with other settings/],
    ['running', 250, /It is training: they wait until it finishes or pauses/],
    ['finished', 250, /with the newest weights of this run/],
  ] as const)('is said of a run that is %s, with the newest checkpoint at %s', (status, step, words) => {
    expect(describeStart(status, step)).toMatch(words);
  });
});

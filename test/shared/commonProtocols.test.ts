import { describe, expect, it } from 'vitest';
import { commonProtocols, describeDifference, protocolKey } from '../../shared/comparison/commonProtocols.ts';
import {
  exampleComparedEvaluation,
  exampleComparedRun,
  exampleFieldRow,
  exampleProtocol,
} from './exampleComparedRun.ts';

const row = exampleFieldRow('flow · posterior mean', 1);
const evaluated = (changes: object, at = '2026-11-23T20:00:00.000Z') =>
  exampleComparedEvaluation([row], { protocol: { ...exampleProtocol, ...changes }, createdAt: at });

describe('commonProtocols', () => {
  it('lists the protocol that all runs share first, and names what differs in the others', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ maskSeed: 7 }, '2026-11-24T00:00:00.000Z'), evaluated({})]),
      exampleComparedRun('b', [evaluated({})]),
    ]);
    expect(groups.map(({ isShared, difference, members }) => [isShared, difference, members.length])).toEqual(
      [
        [true, 'mask seed 42', 2],
        [false, 'mask seed 7', 1],
      ],
    );
  });

  it('has no shared protocol if runs were scored on different images', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ images: 100 })]),
      exampleComparedRun('b', [evaluated({ images: 32, datasetChecksum: 'ffff' })]),
      exampleComparedRun('c', []),
    ]);
    expect(groups.every(({ isShared }) => !isShared)).toBe(true);
    expect(groups.map(({ difference }) => difference)).toContain('data cifar10 (ffff), images 32');
  });

  it('identifies a dataset by its checksum, regardless of its folder', () => {
    const groups = commonProtocols([
      exampleComparedRun('a', [evaluated({ source: 'cifar10:/one' })]),
      exampleComparedRun('b', [evaluated({ source: 'cifar10:/other' })]),
    ]);
    expect(groups).toMatchObject([{ isShared: true, difference: '' }]);
  });

  it('is empty if no run was evaluated', () => {
    expect(commonProtocols([exampleComparedRun('a', [])])).toEqual([]);
  });
});

describe('protocolKey', () => {
  it('does not depend on the order of the fields', () => {
    const reversed = Object.fromEntries(Object.entries(exampleProtocol).reverse()) as typeof exampleProtocol;
    expect(protocolKey(reversed)).toBe(protocolKey(exampleProtocol));
  });
});

describe('describeDifference', () => {
  it('lists the settings in which a protocol differs from the others', () => {
    const other = { ...exampleProtocol, maskSeed: 7, keepRatio: 0.1 };
    expect(describeDifference(other, [exampleProtocol, other])).toBe('mask seed 7, observed fraction 0.1');
    expect(describeDifference(other, [other])).toBe('');
  });
});

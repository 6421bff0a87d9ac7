import { describe, expect, it } from 'vitest';
import { describeSource, sourceWithoutFolders } from '../../shared/dataset.ts';

describe('the data source in reports', () => {
  it.each([
    ['elsewhere:birds', 'folder:birds', 'birds'],
    ['folder:/home/me/birds', 'folder:birds', 'birds'],
    ['cifar10:/data/cifar', 'cifar10:cifar', 'cifar10 (cifar)'],
    ['synthetic:7', 'synthetic:7', 'synthetic:7'],
    ['cifar10', 'cifar10', 'cifar10'],
  ])('is %s, with the option --data %s and the description %s', (source, option, description) => {
    expect([sourceWithoutFolders(source), describeSource(source)]).toEqual([option, description]);
  });
});

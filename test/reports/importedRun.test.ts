/** Reports of a run whose images stayed on another machine. */

import { expect, it } from 'vitest';
import { describeSource, sourceWithoutFolders } from '../../shared/dataset.ts';

it.each([
  ['elsewhere:birds', 'folder:birds', 'birds'],
  ['folder:/home/me/birds', 'folder:birds', 'birds'],
  ['cifar10:/data/cifar', 'cifar10:cifar', 'cifar10 (cifar)'],
  ['synthetic:7', 'synthetic:7', 'synthetic:7'],
  ['cifar10', 'cifar10', 'cifar10'],
])('%s is given to --data as %s and told as %s', (source, option, words) => {
  expect([sourceWithoutFolders(source), describeSource(source)]).toEqual([option, words]);
});

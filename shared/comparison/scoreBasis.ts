/** What the evaluations of a run while it trains are measured on: only scores of one basis compare. */

import type { RunConfig } from '../config/config.ts';
import { areCropped, describeSource } from '../dataset.ts';
import { describeLaw, usedOptions, usesKeepRatio } from '../masks/laws.ts';

export interface ScoreBasis {
  /** Equal for runs whose scores compare, and only for these. */
  readonly key: string;
  /** `cifar10 32×32 · 20 % known, numpy · posterior mean of 64 images`. */
  readonly label: string;
}

/** The settings that determine a basis. */
export type BasisConfig = Pick<RunConfig, 'data' | 'mask' | 'train'>;

/** Returns the basis of a run. `checksum`: of its training images, null before it has read them. */
export function scoreBasisOf({ data, mask, train }: BasisConfig, checksum: string | null): ScoreBasis {
  const { law, keepRatio, seed, observationNoise } = mask;
  const { imageSize, validationImages, cropScaleMin, cropScaleMax, folderLayout } = data;
  const fraction = usesKeepRatio(mask) ? keepRatio : null;
  const key = JSON.stringify([
    checksum ?? describeSource(data.source),
    [imageSize, validationImages, folderLayout, areCropped(data) ? [cropScaleMin, cropScaleMax] : null],
    [law, usedOptions(mask), fraction, seed, observationNoise],
    [train.evaluate, train.evaluationImages],
  ]);
  const known = fraction === null ? '' : `${Number((100 * fraction).toPrecision(3))} % known, `;
  const noise = observationNoise > 0 ? `, noise ${observationNoise}` : '';
  const measured = train.evaluate === 'posterior mean' ? 'posterior mean' : 'sample';
  return {
    key,
    label: [
      `${describeSource(data.source)} ${imageSize}×${imageSize}${areCropped(data) ? ', crops' : ''}`,
      `${known}${describeLaw(mask)}${noise}`,
      `${measured} of ${train.evaluationImages} images`,
    ].join(' · '),
  };
}

/** Groups what has a basis, in the order of the first of each group. */
export function groupByBasis<Item>(
  items: readonly Item[],
  basisOf: (item: Item) => ScoreBasis,
): { readonly basis: ScoreBasis; readonly items: readonly Item[] }[] {
  const groups = Map.groupBy(items, (item) => basisOf(item).key);
  return [...groups.values()].map((group) => ({ basis: basisOf(group[0]), items: group }));
}

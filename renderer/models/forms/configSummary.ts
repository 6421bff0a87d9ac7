/** The outline of a configuration in a few lines: network, images, masks and sampling. */

import { titleOfSolver } from '../../../shared/config/samplerConfig.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { traitsOf } from '../../../shared/config/networks/registry.ts';
import { areCropped, type DataSourceKind } from '../../../shared/dataset.ts';
import { traitsOfLaw, usesKeepRatio } from '../../../shared/masks/laws.ts';
import { formatPercent, formatPlural } from '../../../shared/text/format.ts';

/** Returns names and values. `source`: kind of the chosen dataset; null if none is chosen. */
export function summariseConfig(
  { field, data, mask, sampler }: RunConfig,
  source: DataSourceKind | null,
): readonly (readonly [name: string, value: string])[] {
  const isCropped = source !== null && areCropped({ source, crops: data.crops });
  // Without remarks about how the law samples.
  const title = traitsOfLaw(mask.law).title.replace(/ \(.*\)$/, '');
  const known = usesKeepRatio(mask) ? `, ${formatPercent(mask.keepRatio)} known` : '';
  return [
    ['Network', traitsOf(field.kind).title],
    ['Images', `${data.imageSize} × ${data.imageSize}${isCropped ? ' crops' : ''}`],
    ['Masks', `${title}${known}`],
    [
      'Sampling',
      [
        titleOfSolver(sampler.solver),
        ...(sampler.solver === 'dopri5' ? [] : [formatPlural(sampler.steps, 'step')]),
      ].join(', '),
    ],
  ];
}

/** Returns the outline in one line, for a preset without a description: `U-Net, 32 × 32, random pixels, 20 % known`. */
export function outlineConfig(config: RunConfig): string {
  const [network, images, masks] = summariseConfig(config, null).map(([, value]) => value);
  return `${network}, ${images}, ${masks.charAt(0).toLowerCase()}${masks.slice(1)}`;
}

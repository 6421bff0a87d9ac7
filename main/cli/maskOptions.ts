/** Options for the settings that only some mask laws have. */

import {
  largestMarkSize,
  type MaskLaw,
  maskLawNames,
  type MaskOption,
  mostBlocks,
  traitsOfLaw,
} from '../../shared/masks/laws.ts';
import { type OptionValues, UsageError } from './command.ts';
import { formatChoices, readBounded, readRatio, valueOption } from './options.ts';

export const maskOptionOptions = {
  'mark-size': valueOption(
    'R',
    `Width of strokes or height of letters, as a fraction of the shorter side, up to ${largestMarkSize}.`,
    'from small to large',
  ),
  blocks: valueOption('N', 'Hidden blocks of the law block.', '1'),
};

const optionNames: Readonly<Record<MaskOption, string>> = { markSize: 'mark-size', blocks: 'blocks' };

/** @throws UsageError for values out of range, and for options that the law does not have. */
export function readMaskOptions(
  values: OptionValues,
  law: MaskLaw,
): { readonly markSize?: number; readonly blocks?: number } {
  for (const [option, name] of Object.entries(optionNames) as [MaskOption, string][]) {
    if (values[name] === undefined || traitsOfLaw(law).options.includes(option)) continue;
    const laws = maskLawNames.filter((other) => traitsOfLaw(other).options.includes(option));
    throw new UsageError(
      `--${name} has no effect on masks of the law ${law}. Leave it out, or choose the law ${formatChoices(laws)}.`,
    );
  }
  const markSize = readRatio(values, 'mark-size', { max: largestMarkSize, example: 0.05 });
  const blocks = readBounded(values, 'blocks', { min: 1, max: mostBlocks });
  return { ...(markSize !== undefined && { markSize }), ...(blocks !== undefined && { blocks }) };
}
